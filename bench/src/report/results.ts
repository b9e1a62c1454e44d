import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { machineText, type Run } from '../machine.ts';
import type { Measurements } from '../measurements.ts';
import type { Profile } from '../profile.ts';
import type { Ratio } from '../ratio.ts';
import { summarise } from '../statistics.ts';
import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { markdownTable } from './markdown-table.ts';
import { type PageParts, withParts } from './page.ts';
import {
  engineTable,
  factTable,
  mixTable,
  ratioTable,
  stampedeTable,
  workloadTables,
} from './tables.ts';

/** A run with all that can be told of it: what the file of a run holds. */
export interface Results extends Run {
  readonly ratios: readonly Ratio[];
  readonly measurements: Measurements;
}

const root = path.resolve(import.meta.dirname, '../../..');
const pagePath = 'docs/performance.md';
const printWidth = 100;

/** Writes the file of the run, the page and its pictures beneath a directory; the path of the file. */
export async function writeResults(results: Results, directory: string): Promise<string> {
  const file = path.join(directory, 'bench/results', `${results.date.slice(0, 10)}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, await format(JSON.stringify(results), { parser: 'json', printWidth }));
  await writePage(partsOf(results), directory);
  for (const [name, drawing] of picturesOf(results.measurements)) {
    const drawn = path.join(directory, 'docs/performance', `${name}.svg`);
    await mkdir(path.dirname(drawn), { recursive: true });
    await writeFile(drawn, drawing);
  }
  return file;
}

export async function writeProfiles(
  profiles: readonly Profile[],
  directory: string,
): Promise<void> {
  await writePage({ profile: profileTables(profiles) }, directory);
}

export function profileTables(profiles: readonly Profile[]): string {
  return profiles
    .map(({ variant, top }) =>
      markdownTable(
        [`${variant}: function`, 'where', 'of the busy time'],
        top.map(({ name, place, share }) => [
          `\`${name}\``,
          `\`${place}\``,
          `${(share * 100).toFixed(1)} %`,
        ]),
      ),
    )
    .join('\n\n');
}

/** The prose is that of the repository, wherever the page is written to. */
async function writePage(parts: PageParts, directory: string): Promise<void> {
  const page = await readFile(path.join(root, pagePath), 'utf8');
  const target = path.join(directory, pagePath);
  await mkdir(path.dirname(target), { recursive: true });
  const written = withParts(page, parts);
  await writeFile(target, await format(written, { parser: 'markdown', printWidth }));
}

function partsOf(results: Results): PageParts {
  const { measurements, ratios } = results;
  const { cells, engines, curves } = measurements;
  return {
    machine: machineText(results),
    ratios: ratioTable(ratios),
    ...(cells.length > 0 && {
      workloads: `${picture('hot-key', 'CPU of a cached read, by variant')}\n\n${workloadTables(cells)}`,
    }),
    ...(measurements.mixes.length > 0 && { mix: mixTable(measurements) }),
    ...(measurements.stampedes.length > 0 && { stampede: stampedeTable(measurements) }),
    ...(engines.length > 0 && {
      engine: `${picture('engine', 'Reads per second of the engine alone')}\n\n${engineTable(engines)}`,
    }),
    ...(factTable(measurements) !== '' && { facts: factTable(measurements) }),
    ...(curves.length > 0 && {
      growth: curves.map(({ name, title }) => picture(name, title)).join('\n\n'),
    }),
  };
}

function picture(name: string, says: string): string {
  return `![${says}](performance/${name}.svg)`;
}

function picturesOf({ cells, engines, curves }: Measurements): Map<string, string> {
  const drawings = new Map(curves.map((curve) => [curve.name, lineChart(curve)]));
  const hot = cells
    .filter(({ workload }) => workload === 'hot key')
    .map(({ variant, turns }) => ({
      name: variant,
      value: summarise(turns.map(({ cpuMicrosPerCall }) => cpuMicrosPerCall)).median,
      isOurs: variant.startsWith('ours'),
    }))
    .sort((a, b) => a.value - b.value);
  if (hot.length > 0)
    drawings.set('hot-key', barChart('CPU µs of a cached read: one hot key', hot));
  const read = engines.map(({ engine, readsPerSecond }) => ({
    name: engine,
    value: summarise(readsPerSecond).median / 1000,
    isOurs: engine === 'our engine',
  }));
  if (read.length > 0)
    drawings.set('engine', barChart('Thousand reads/s of the engine alone', read));
  return drawings;
}
