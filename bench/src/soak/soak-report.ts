import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import type { Curve } from '../measurements.ts';
import { lineChart } from '../report/line-chart.ts';
import { figure, markdownTable } from '../report/markdown-table.ts';
import { withParts } from '../report/page.ts';
import { quantities, type QuantityName, quantityNames } from './quantities.ts';
import type { SoakResult } from './soak.ts';

/** What grew, what did not, and by how much. */
export function growthTable({ judged }: SoakResult): string {
  return markdownTable(
    ['quantity', 'at half', 'at the end', 'growth', 'at most', 'verdict'],
    quantityNames.map((name) => {
      const { unit, growthMax, name: says } = quantities[name];
      const { middle, end, growth, verdict } = judged[name];
      const of = (value: number) => `${figure(value)} ${unit}`.trim();
      return [says, of(middle), of(end), of(growth), of(growthMax), verdict];
    }),
  );
}

export function answerTable({ ends }: SoakResult): string {
  const rows = [...ends].toSorted(([, one], [, other]) => other - one);
  return markdownTable(
    ['requests that ended with', 'count'],
    rows.map(([end, requests]) => [end, count(requests)]),
  );
}

/** The place of the run, and how much it was. */
export function runLine(result: SoakResult, command: string): string {
  const { machine, calls, requests, seconds, changesTold } = result;
  return `${new Date().toISOString().slice(0, 10)}, \`${command}\`: ${count(calls)} calls in ${count(requests)} requests, ${(seconds / 60).toFixed(1)} minutes, ${count(calls / seconds)} calls and ${count(requests / seconds)} requests a second; followers were told ${count(changesTold)} changes. ${machine.cpu}, ${machine.cores} cores that the service shares with its stores and its callers, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}, Redis ${machine.redis}; load of the machine before the run: ${machine.loadBefore.toFixed(2)}.`;
}

/** Writes `docs/soak.md` and its pictures beneath a directory. */
export async function writeSoak(
  result: SoakResult,
  { command, directory }: { readonly command: string; readonly directory: string },
): Promise<void> {
  const file = path.join(directory, 'docs/soak.md');
  const page = withParts(await readFile(file, 'utf8'), {
    run: runLine(result, command),
    growth: growthTable(result),
    answers: answerTable(result),
  });
  await writeFile(file, await format(page, { parser: 'markdown', printWidth: 100 }));
  await mkdir(path.join(directory, 'docs/soak'), { recursive: true });
  for (const curve of curvesOf(result)) {
    await writeFile(path.join(directory, 'docs/soak', `${curve.name}.svg`), lineChart(curve));
  }
}

function curvesOf({ judged }: SoakResult): readonly Curve[] {
  const curve = (name: string, title: string, lines: readonly Line[]): Curve => ({
    name,
    title,
    xLabel: 'thousand calls',
    yLabel: quantities[lines[0]?.[0] ?? 'heap'].unit,
    xScale: 'linear',
    lines: lines.map(([line, says]) => ({
      name: says,
      points: judged[line].course.points.map(({ calls, value }) => ({
        x: calls / 1_000,
        y: value,
      })),
    })),
  });
  return [
    curve('memory', 'Memory in the course of a soak', [
      ['resident', 'resident'],
      ['heap', 'heap in use'],
      ['external', 'beside the heap'],
      ['redisMemory', 'Redis'],
    ]),
    curve('handles', 'Handles and connections in the course of a soak', [
      ['descriptors', 'open descriptors'],
      ['handles', 'active handles'],
      ['redisClients', 'to Redis'],
      ['backends', 'to PostgreSQL'],
    ]),
  ];
}

/** A quantity, and its name in the key of the picture. */
type Line = readonly [name: QuantityName, says: string];

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
