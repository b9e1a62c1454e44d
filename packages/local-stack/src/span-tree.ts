import type { SunkSpan } from './span-sink.ts';

/** One line of a trace. */
export interface SpanTreeRow {
  readonly span: SunkSpan;
  /** Its name, behind the branches that lead to it. */
  readonly drawn: string;
}

/** Beginnings of names, in the order in which a read or a write of the service takes these steps. */
const steps = [
  'redis-',
  'cache.load',
  'pg.query:BEGIN',
  'pg.query:write-through',
  'INTEND',
  'LEASE',
  'pg.query:',
  'PUBLISH',
  'FILL',
];

/**
 * The spans of a trace as the rows of a tree, each beneath the one that it belongs to, in the order of their begin. That is
 * told in whole milliseconds: those of one follow each other as the steps do.
 */
export function spanTree(spans: readonly SunkSpan[]): SpanTreeRow[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const parentOf = ({ parentSpanId }: SunkSpan) =>
    parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : undefined;
  const inOrder = spans.toSorted((a, b) => a.startedAtMs - b.startedAtMs || stepOf(a) - stepOf(b));
  const childrenOf = Map.groupBy(inOrder, parentOf);
  const rowsOf = (span: SunkSpan, branch: string, indent: string): SpanTreeRow[] => {
    const children = childrenOf.get(span.spanId) ?? [];
    const beneath = children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      return rowsOf(child, `${indent}${isLast ? '└ ' : '├ '}`, `${indent}${isLast ? '  ' : '│ '}`);
    });
    return [{ span, drawn: `${branch}${span.name}` }, ...beneath];
  };
  return (childrenOf.get(undefined) ?? []).flatMap((root) => rowsOf(root, '', ''));
}

/** -1 of a span that is no step. */
function stepOf({ name }: SunkSpan): number {
  return steps.findIndex((step) => name.startsWith(step));
}
