import { LineChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { ChartTable } from './chart-table.tsx';
import type { ChartLine, ChartRow } from './chart-line.ts';
import classes from './operations.module.css';
import { clockText, timeText } from './texts.ts';

interface LiveChartProps {
  /** Names the picture and the table. */
  readonly name: string;
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartRow[];
  readonly text: (value: number) => string;
  /** The same for the upright axis, where it should be shorter. */
  readonly tickText?: (value: number) => string;
  /** Where the upright axis ends; undefined is where the highest value is. */
  readonly max?: number;
}

/** Lines over the last minutes. Those who see no picture are told what it shows, and have a table. */
export function LiveChart({ name, lines, rows, text, tickText = text, max }: LiveChartProps) {
  const latestMs = rows.at(-1)?.atMs ?? 0;
  const spanMs = Math.max(60_000, latestMs - (rows[0]?.atMs ?? 0));
  const hasValues = rows.some(({ values }) => Object.values(values).some((one) => one !== null));
  return (
    <figure className={classes['figure']}>
      {hasValues ? (
        <div role="img" aria-label={`${name}. ${summaryOf(lines, rows, text)}`}>
          <LineChart
            h={200}
            data={rows.map(({ atMs, values }) => ({ atMs, ...values }))}
            dataKey="atMs"
            series={lines.map(({ key, label, colour, dash }) => ({
              name: key,
              label,
              color: colour,
              ...(dash !== undefined && { strokeDasharray: dash }),
            }))}
            curveType="linear"
            strokeWidth={2}
            withDots={false}
            connectNulls={false}
            withLegend={lines.length > 1}
            legendProps={{ verticalAlign: 'bottom', itemSorter: null }}
            valueFormatter={text}
            accessibilityLayer={false}
            tooltipProps={{ labelFormatter: (atMs) => clockText(Number(atMs)) }}
            xAxisProps={{
              type: 'number',
              domain: [latestMs - spanMs, latestMs],
              ticks: ticksOf(latestMs, spanMs),
              tickFormatter: (atMs: number) =>
                atMs === latestMs ? 'now' : `−${timeText(latestMs - atMs)}`,
            }}
            yAxisProps={{
              domain: [0, max ?? 'auto'],
              width: 64,
              interval: 0,
              tickFormatter: tickText,
            }}
          />
        </div>
      ) : (
        <Text size="sm" c="dimmed" className={classes['empty'] ?? ''}>
          {rows.length < 2 ? 'Waiting for a second answer.' : 'There was none in this time.'}
        </Text>
      )}
      <ChartTable name={name} lines={lines} rows={rows} text={text} />
    </figure>
  );
}

/** Whole minutes or, of a short span, half ones. */
function ticksOf(latestMs: number, spanMs: number): number[] {
  const stepMs = spanMs > 150_000 ? 60_000 : 30_000;
  const steps = Math.floor(spanMs / stepMs);
  return Array.from({ length: steps + 1 }, (_, step) => latestMs - (steps - step) * stepMs);
}

function summaryOf(
  lines: readonly ChartLine[],
  rows: readonly ChartRow[],
  text: (value: number) => string,
): string {
  const told = lines.flatMap(({ key, label }) => {
    const values = rows.map(({ values: each }) => each[key] ?? null).filter((one) => one !== null);
    if (values.length === 0) return [];
    const now = rows.at(-1)?.values[key] ?? null;
    const latest = now === null ? 'none now' : `now ${text(now)}`;
    return [
      `${label}: ${latest}, between ${text(Math.min(...values))} and ${text(Math.max(...values))}`,
    ];
  });
  return `${told.join('; ')}. The table below has the numbers.`;
}
