/** What stands out, what does not, and two more, for light and for dark pages. */
const palettes = {
  light: ['#0969da', '#8c959f', '#bc4c00', '#1a7f37'],
  dark: ['#4493f8', '#6e7681', '#f0883e', '#3fb950'],
} as const;

/** Colours that a picture has, as the classes `c0`, `c1` and so on. */
export const colourCount = palettes.light.length;

function coloured(palette: readonly string[]): string {
  return palette
    .map(
      (colour, index) => `.c${index} { fill: ${colour}; } .line.c${index} { stroke: ${colour}; }`,
    )
    .join(' ');
}

/** A picture cannot know on which page it stands, and the reader's system tells. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .note { fill: #59636e; }
  .axis { stroke: #b7bfc8; stroke-width: 1; fill: none; }
  ${coloured(palettes.light)}
  .line { stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .axis { stroke: #3d444d; }
    ${coloured(palettes.dark)}
  }
  .line.line { fill: none; }`;

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
