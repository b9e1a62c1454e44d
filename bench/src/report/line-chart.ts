import type { Curve } from '../measurements.ts';
import { figure } from './markdown-table.ts';
import { colourCount, round, svg, text } from './svg.ts';

const [width, height] = [760, 340];
const [left, right, top, bottom] = [70, 200, 40, 48];
const gridLines = 4;

/** So many figures fit below each other's side. */
const xLabelsMax = 12;

/** One line for each variant; y begins at zero. */
export function lineChart({ title, xLabel, yLabel, xScale, lines }: Curve): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const most = Math.max(...points.map(({ y }) => y));
  const [first = 1, last = 1] = [xs[0], xs.at(-1)];
  const along = (x: number) => (xScale === 'linear' ? x - first : Math.log(x / first));
  const toX = (x: number) => left + ((width - left - right) * along(x)) / (along(last) || 1);
  const labelled = xs.filter((_, index) => index % Math.ceil(xs.length / xLabelsMax) === 0);
  const toY = (y: number) => height - bottom - ((height - top - bottom) * y) / most;
  const grid = Array.from({ length: gridLines + 1 }, (_, index) => (most * index) / gridLines);
  const parts = [
    ...grid.flatMap((y) => [
      `<path class="axis" d="M${left} ${round(toY(y))}H${width - right}"/>`,
      text({ x: left - 8, y: toY(y) + 4, says: figure(y), anchor: 'end', kind: 'note' }),
    ]),
    ...labelled.map((x) =>
      text({
        x: toX(x),
        y: height - bottom + 18,
        says: x.toLocaleString('en-US', { maximumFractionDigits: 0 }),
        anchor: 'middle',
        kind: 'note',
      }),
    ),
    text({ x: (left + width - right) / 2, y: height - 10, says: xLabel, anchor: 'middle' }),
    text({ x: width - right + 14, y: top, says: yLabel, kind: 'note' }),
    ...lines.flatMap((line, index) => {
      const colour = `c${index % colourCount}`;
      const places = line.points.map(({ x, y }) => [round(toX(x)), round(toY(y))] as const);
      const keyY = top + 26 + index * 22;
      return [
        `<polyline class="line ${colour}" points="${places.map((place) => place.join(',')).join(' ')}"/>`,
        ...places.map(([x, y]) => `<circle class="${colour}" cx="${x}" cy="${y}" r="3"/>`),
        `<rect class="${colour}" x="${width - right + 14}" y="${keyY - 10}" width="12" height="12" rx="2"/>`,
        text({ x: width - right + 32, y: keyY, says: line.name }),
      ];
    }),
  ];
  return svg({ width, height, title, parts });
}
