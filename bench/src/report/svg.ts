/** Colours for light and dark pages: a picture cannot know on which it stands, and the reader's system tells. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .note { fill: #59636e; }
  .axis { stroke: #b7bfc8; stroke-width: 1; fill: none; }
  .c0 { --c: #0969da; } .c1 { --c: #8c959f; } .c2 { --c: #bc4c00; } .c3 { --c: #1a7f37; }
  .bar { fill: var(--c); }
  .line { fill: none; stroke: var(--c); stroke-width: 2; }
  .dot, .key { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .axis { stroke: #3d444d; }
    .c0 { --c: #4493f8; } .c1 { --c: #6e7681; } .c2 { --c: #f0883e; } .c3 { --c: #3fb950; }
  }`;

/** Colours that a picture has. */
export const colourCount = 4;

export interface SvgOptions {
  readonly width: number;
  readonly height: number;
  /** Said by screen readers, and shown. */
  readonly title: string;
  readonly parts: readonly string[];
}

export function svg({ width, height, title, parts }: SvgOptions): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${style}</style>
${text({ x: 8, y: 20, says: title, kind: 'title' })}
${parts.join('\n')}
</svg>
`;
}

export interface SvgText {
  readonly x: number;
  readonly y: number;
  readonly says: string;
  readonly kind?: 'title' | 'note';
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function text({ x, y, says, kind, anchor = 'start' }: SvgText): string {
  const named = kind === undefined ? '' : ` class="${kind}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${named}>${escaped(says)}</text>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(says: string): string {
  return says.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
