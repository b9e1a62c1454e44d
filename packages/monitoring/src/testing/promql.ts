import { parser } from '@prometheus-io/lezer-promql';

/** One metric that an expression selects, with the labels that it is matched by. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** the function that takes it, if it is an argument of one, and over which time it does */
  readonly takenBy?: string;
  readonly range?: string;
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What an expression asks Prometheus for. Throws where it is not PromQL. */
export function readExpression(expr: string): {
  readonly selectors: readonly Selector[];
  /** labels that something is grouped by */
  readonly grouping: readonly string[];
} {
  const selectors: (Selector & { matchers: Matcher[] })[] = [];
  const grouping: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, node }) {
      const textOf = (child: { from: number; to: number } | null) =>
        child ? expr.slice(child.from, child.to) : '';
      if (name === '⚠') throw new Error(`Not PromQL at ${String(from)}: ${expr}`);
      if (name === 'VectorSelector') {
        const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
        const call = matrix?.parent?.parent?.getChild('FunctionIdentifier');
        selectors.push({
          metric: textOf(node.getChild('Identifier')),
          matchers: [],
          ...(matrix && { range: expr.slice(node.to + 1, matrix.to - 1).trim() }),
          ...(call && { takenBy: textOf(call) }),
        });
      }
      if (name === 'UnquotedLabelMatcher') {
        selectors.at(-1)?.matchers.push({
          label: textOf(node.getChild('LabelName')),
          operator: textOf(node.getChild('MatchOp')),
          value: textOf(node.getChild('StringLiteral')).slice(1, -1),
        });
      }
      if (name === 'GroupingLabels') {
        for (const label of node.getChildren('LabelName')) grouping.push(textOf(label));
      }
    },
  });
  return { selectors, grouping };
}
