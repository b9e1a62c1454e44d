import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { machineText, type Run } from '../machine.ts';
import type { Curve } from '../measurements.ts';
import { lineChart } from '../report/line-chart.ts';
import { figure, markdownTable } from '../report/markdown-table.ts';
import { withParts } from '../report/page.ts';
import { type LoadCurve, rateOf, type Step } from './measure.ts';

/** A run with all that can be told of it. */
export interface OverloadResults extends Run {
  readonly curves: readonly LoadCurve[];
}

const root = path.resolve(import.meta.dirname, '../../..');
const pagePath = 'docs/overload.md';
const printWidth = 100;
/** Of what was due: with less, it is the crowd that was slow, and not the service. */
const honestShare = 0.95;

/** Writes the file of the run, the page and its pictures beneath a directory; the path of the file. */
export async function writeOverload(results: OverloadResults, directory: string): Promise<string> {
  const page = await readFile(path.join(root, pagePath), 'utf8');
  const target = path.join(directory, pagePath);
  await mkdir(path.join(directory, 'docs/overload'), { recursive: true });
  const file = path.join(directory, 'bench/results', `${results.date.slice(0, 10)}-overload.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, await format(JSON.stringify(results), { parser: 'json', printWidth }));
  const tables = Object.fromEntries(
    results.curves.map((curve) => [`overload-${curve.load.key}`, curveTable(curve)]),
  );
  const written = withParts(page, { 'overload-machine': machineText(results), ...tables });
  await writeFile(target, await format(written, { parser: 'markdown', printWidth }));
  for (const picture of picturesOf(results.curves)) {
    const drawn = path.join(directory, 'docs/overload', `${picture.name}.svg`);
    await writeFile(drawn, lineChart(picture));
  }
  return file;
}

/** A row for each step. */
export function curveTable({ load, steps }: LoadCurve): string {
  return markdownTable(columnsOf(load.name), steps.map(rowOf));
}

function columnsOf(load: string): string[] {
  return [
    load,
    'offered/s',
    'served/s',
    'of capacity',
    'refused/s',
    'accepted p50, ms',
    'p99, ms',
    'refused p99, ms',
    'loop late p99, ms',
    'CPU',
    'MB',
    'slowest look, ms',
  ];
}

function rowOf(step: Step): string[] {
  const { seconds, watched, servedMs, refusedMs } = step;
  const offered = figure(step.sent / seconds);
  return [
    `${step.factor} ×`,
    isHonest(step) ? offered : `${offered} (of ${figure(step.due / seconds)})`,
    figure(rateOf(step)),
    percent(shareServed(step)),
    refusalsOf(step),
    figure(servedMs.p50),
    figure(servedMs.p99),
    Object.keys(step.refused).length === 0 ? '' : figure(refusedMs.p99),
    figure(watched.loopDelayP99Ms),
    percent(watched.cpuSeconds / watched.seconds),
    figure(watched.residentBytes / 1e6),
    watched.looksFailed === 0
      ? figure(watched.slowestLookMs)
      : `${watched.looksFailed} of ${watched.looks} failed`,
  ];
}

function shareServed(step: Step): number {
  return rateOf(step) / step.capacityPerSecond;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function isHonest({ sent, due }: Step): boolean {
  return sent >= due * honestShare;
}

function refusalsOf({ refused, seconds }: Step): string {
  return Object.entries(refused)
    .map(([code, count]) => `${code} ${figure(count / seconds)}`)
    .join(', ');
}

function picturesOf(curves: readonly LoadCurve[]): Curve[] {
  const lines = (y: (step: Step) => number) =>
    curves.map(({ load, steps }) => ({
      name: load.name,
      points: steps.filter(isHonest).map((step) => ({ x: step.factor, y: y(step) })),
    }));
  const xLabel = 'Offered, in multiples of the capacity';
  return [
    {
      name: 'served',
      title: 'Served, in % of the capacity',
      xLabel,
      yLabel: '%',
      lines: lines((step) => shareServed(step) * 100),
    },
    {
      name: 'latency',
      title: 'p99 of what was accepted, in ms',
      xLabel,
      yLabel: 'ms',
      lines: lines(({ servedMs }) => servedMs.p99),
    },
  ];
}
