import { figure } from './markdown-table.ts';
import { round, svg, text } from './svg.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ours stands out. */
  readonly isOurs: boolean;
}

const [width, nameWidth, valueWidth] = [760, 210, 60];
const [top, step, thickness] = [36, 24, 16];

/** One bar for each, in the order given, beginning at zero. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (width - nameWidth - valueWidth) / most;
  const parts = bars.flatMap(({ name, value, isOurs }, index) => {
    const y = top + index * step;
    const length = round(value * scale);
    const middle = y + thickness - 4;
    return [
      text({ x: nameWidth - 8, y: middle, says: name, anchor: 'end' }),
      `<rect class="${isOurs ? 'c0' : 'c1'}" x="${nameWidth}" y="${y}" width="${length}" height="${thickness}" rx="2"/>`,
      text({ x: nameWidth + length + 6, y: middle, says: figure(value) }),
    ];
  });
  return svg({ width, height: top + bars.length * step + 8, title, parts });
}
