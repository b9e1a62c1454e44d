import { parser } from '@prometheus-io/lezer-promql';

const comparisons = new Set(['Eql', 'Neq', 'Gtr', 'Gte', 'Lss', 'Lte']);

/**
 * The same expression without what makes it say nothing in health: comparisons answer 0 or 1 instead of leaving series
 * out, so that what they compare, and how that matches, can be seen; and what is asked of last week is asked of now.
 */
export function unfiltered(expr: string): string {
  let text = '';
  let end = 0;
  parser.parse(expr).iterate({
    enter({ name, from, to, node }) {
      const isComparison = comparisons.has(name) && node.parent?.name === 'BinaryExpr';
      if (isComparison && node.nextSibling?.name !== 'BoolModifier') {
        text += `${expr.slice(end, to)} bool`;
        end = to;
      }
      if (name === 'Offset') {
        text += expr.slice(end, from);
        end = node.nextSibling?.to ?? to;
      }
    },
  });
  return text + expr.slice(end);
}
