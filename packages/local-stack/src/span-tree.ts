import type { SunkSpan } from './span-sink.ts';

export interface SpanTreeOptions {
  /** What is shown of a span behind its name; nothing unless given. */
  readonly describe?: (span: SunkSpan) => string;
}

/** Draws the spans of one trace, a line each, beneath those that they belong to and in the order of their begin. */
export function drawSpanTree(spans: readonly SunkSpan[], options: SpanTreeOptions = {}): string {
  const { describe = () => '' } = options;
  const known = new Set(spans.map(({ spanId }) => spanId));
  const inOrder = spans.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const childrenOf = (parent: SunkSpan | undefined) =>
    inOrder.filter(({ parentSpanId }) =>
      parent === undefined
        ? parentSpanId === undefined || !known.has(parentSpanId)
        : parentSpanId === parent.spanId,
    );
  const draw = (span: SunkSpan, branch: string, indent: string): string[] => {
    const children = childrenOf(span);
    const lines = children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      return draw(child, `${indent}${isLast ? '└ ' : '├ '}`, `${indent}${isLast ? '  ' : '│ '}`);
    });
    return [`${branch}${span.name}${describe(span)}`, ...lines];
  };
  return childrenOf(undefined)
    .flatMap((root) => draw(root, '', ''))
    .join('\n');
}
