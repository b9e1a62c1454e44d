import type { Cell, EngineResult, Measurements, Turn } from '../measurements.ts';
import type { Ratio } from '../ratio.ts';
import { type Summary, summarise } from '../statistics.ts';
import { figure, markdownTable } from './markdown-table.ts';

/** The ratios, each with its spread, its target and the noise of the run. */
export function ratioTable(ratios: readonly Ratio[]): string {
  return markdownTable(
    ['', 'what', 'target', 'median', 'quartiles', 'min to max', 'noise', 'verdict'],
    ratios.map((ratio) => [
      ratio.id,
      ratio.because === undefined ? ratio.says : `${ratio.says} (${ratio.because})`,
      `${ratio.sense} ${ratio.target}`,
      ...spread(ratio.measured, ratio.target < 1 && ratio.target > 0 ? 4 : 2),
      ratio.measured === undefined ? '–' : `${(ratio.noise * 100).toFixed(0)} %`,
      ratio.verdict,
    ]),
  );
}

function spread(summary: Summary | undefined, digits: number): string[] {
  if (summary === undefined) return ['not measured', '–', '–'];
  const { lowerQuartile, upperQuartile, min, max } = summary;
  const told = (value: number) => value.toFixed(digits);
  return [
    told(summary.median),
    `${told(lowerQuartile)} to ${told(upperQuartile)}`,
    `${told(min)} to ${told(max)}`,
  ];
}

/** One table for each workload, the variants that need least CPU first. */
export function workloadTables(cells: readonly Cell[]): string {
  const workloads = [...new Set(cells.map(({ workload }) => workload))];
  return workloads
    .map((workload) => {
      const rows = cells
        .filter((cell) => cell.workload === workload)
        .map(({ variant, turns }) => ({ variant, turns, cpu: summarise(turns.map(cpuOf)) }))
        .sort((a, b) => a.cpu.median - b.cpu.median)
        .map(({ variant, cpu, turns }) => [
          variant,
          figure(cpu.median),
          `${figure(cpu.lowerQuartile)} to ${figure(cpu.upperQuartile)}`,
          figure(median(turns, ({ callsPerSecond }) => callsPerSecond)),
          figure(median(turns, ({ p50Ms }) => p50Ms)),
          figure(median(turns, ({ p99Ms }) => p99Ms)),
        ]);
      const columns = [workload, 'CPU µs a call', 'quartiles', 'calls/s', 'p50 ms', 'p99 ms'];
      return markdownTable(columns, rows);
    })
    .join('\n\n');
}

/** Speed and stale answers side by side. */
export function mixTable({ mixes }: Measurements): string {
  return markdownTable(
    [
      'variant',
      'stale reads',
      'of reads',
      'lost writes',
      'of writes',
      'CPU µs a call',
      'p50 ms',
      'p99 ms',
      'answered/s of offered/s',
      'hits',
    ],
    mixes.map((mix) => [
      mix.variant,
      String(mix.stale),
      mix.reads.toLocaleString('en-US'),
      String(mix.lost),
      mix.writes.toLocaleString('en-US'),
      figure(mix.cpuMicrosPerCall),
      figure(mix.p50Ms),
      figure(mix.p99Ms),
      `${figure(mix.answeredPerSecond)} of ${mix.offeredPerSecond}`,
      mix.cache === undefined
        ? '–'
        : `${(summarise(mix.cache.hitRatios).median * 100).toFixed(2)} %, and ${(mix.cache.pendingShare * 100).toFixed(2)} % met a pending write`,
    ]),
  );
}

export function stampedeTable({ stampedes }: Measurements): string {
  return markdownTable(
    ['variant', 'SELECTs of all processes', 'of the one that sent most', 'stale answers'],
    stampedes.map(({ variant, selects, selectsMax, stale }) => [
      variant,
      `${Math.min(...selects)} to ${Math.max(...selects)}`,
      String(Math.max(...selectsMax)),
      String(stale),
    ]),
  );
}

export function engineTable(engines: readonly EngineResult[]): string {
  const bare = engines[0];
  const base = bare === undefined ? Number.NaN : summarise(bare.readsPerSecond).median;
  return markdownTable(
    ['read through', 'thousand reads/s', 'beside the first', 'CPU µs a read'],
    engines.map(({ engine, readsPerSecond, cpuMicrosPerRead }) => {
      const perSecond = summarise(readsPerSecond).median;
      return [
        engine,
        figure(perSecond / 1000),
        figure(perSecond / base),
        figure(summarise(cpuMicrosPerRead).median),
      ];
    }),
  );
}

/** What a figure or two tell. */
export function factTable({ warmUp, workers, cluster }: Measurements): string {
  const rows: string[][] = [];
  const add = (what: string, ours: string, beside: string) => rows.push([what, ours, beside]);
  if (warmUp !== undefined) {
    const { entries, oursSeconds, bareSeconds, payloadBytes } = warmUp;
    add(
      `warm-up of ${entries.toLocaleString('en-US')} products, seconds`,
      figure(summarise(oursSeconds).median),
      `${figure(summarise(bareSeconds).median)} for SELECT and SET alone`,
    );
    add(
      'bytes of an entry in Redis',
      figure(summarise(warmUp.oursBytesPerEntry).median),
      `${figure(summarise(warmUp.bareBytesPerEntry).median)} by SET alone, ${figure(payloadBytes)} of payload`,
    );
  }
  if (workers !== undefined) {
    add(
      'CPU µs a call, two workers',
      figure(median(workers.two, cpuOf)),
      `${figure(median(workers.one, cpuOf))} of one`,
    );
  }
  if (cluster !== undefined) {
    add(
      `round trips to each of ${cluster.nodes} nodes for ${cluster.keys} keys`,
      cluster.roundTripsPerNode.map((count) => count.toFixed(2)).join(', '),
      '1 is the least',
    );
  }
  return rows.length === 0 ? '' : markdownTable(['what', 'ours', 'beside'], rows);
}

const cpuOf = ({ cpuMicrosPerCall }: Turn) => cpuMicrosPerCall;

function median(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return summarise(turns.map(of)).median;
}
