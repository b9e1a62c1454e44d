import { Registry } from 'prom-client';
import type { GaugeMerge, MetricDefinition } from './metric-definition.ts';
import type { Exposition, ScrapeSize } from './metric-set.ts';
import {
  type MetricFamily,
  type MetricSnapshot,
  type SnapshotSample,
  seriesOf,
} from './metric-snapshot.ts';
import { metricTable } from './metric-table.ts';
import { processMerges } from './process-merges.ts';

/**
 * The metrics of several processes as if they were one.
 *
 * Counters and histograms are added up, with those of processes that ended: no sum goes back when a process is replaced.
 * Gauges are those of the living, each merged as its definition says. prom-client's own aggregation forgets whoever has
 * ended, drops exemplars, and writes counters with their suffix twice in this format.
 */
export class MergedMetrics {
  readonly #ended = new Map<string, MergedFamily>();
  /** Every sum as it was last exposed. */
  readonly #told = new Map<string, number>();
  #lastScrape: ScrapeSize | undefined;

  /** Undefined before the first. */
  get lastScrape(): ScrapeSize | undefined {
    return this.#lastScrape;
  }

  /** Keeps what a process had counted when it was last asked, now that it can be asked no more. */
  keep(last: MetricSnapshot): void {
    for (const family of last) if (family.type !== 'gauge') add(this.#ended, family);
  }

  /** What the living say, with those that ended. */
  expose(living: readonly MetricSnapshot[]): Exposition {
    const beganMs = performance.now();
    const merged = new Map<string, MergedFamily>();
    // The order of families is that of the first process.
    for (const snapshot of living) for (const family of snapshot) add(merged, family);
    for (const family of this.#ended.values()) {
      add(merged, { ...family, values: [...family.samples.values()] });
    }
    for (const family of merged.values()) if (family.type !== 'gauge') this.#hold(family);
    const text = `${[...merged.values()].map(textOf).join('\n')}\n# EOF\n`;
    const seconds = (performance.now() - beganMs) / 1000;
    this.#lastScrape = { seconds, series: seriesOf(text) };
    return { contentType: Registry.OPENMETRICS_CONTENT_TYPE, text };
  }

  /**
   * Sums of fractions depend on the order in which they are added, which changes when a process ends. To Prometheus, the last
   * digit of a counter that goes back is a counter that began again.
   */
  #hold({ name, samples }: MergedFamily): void {
    for (const [key, sample] of samples) {
      const series = `${name} ${key}`;
      const value = Math.max(sample.value, this.#told.get(series) ?? sample.value);
      this.#told.set(series, value);
      samples.set(key, { ...sample, value });
    }
  }
}

interface MergedFamily extends Omit<MetricFamily, 'values'> {
  readonly samples: Map<string, SnapshotSample>;
}

function add(families: Map<string, MergedFamily>, { values, ...family }: MetricFamily): void {
  const found = families.get(family.name) ?? { ...family, samples: new Map() };
  families.set(family.name, found);
  const merge = found.type === 'gauge' ? mergeOf(found.name) : 'sum';
  for (const sample of values) {
    // Percentiles of nothing.
    if (!Number.isFinite(sample.value)) continue;
    const key = keyOf(sample);
    const known = found.samples.get(key);
    found.samples.set(key, known === undefined ? sample : mergedOf(known, sample, merge));
  }
}

function mergedOf(one: SnapshotSample, other: SnapshotSample, merge: GaugeMerge): SnapshotSample {
  const [a, b] = [one.exemplar, other.exemplar];
  const exemplar = a === undefined || (b !== undefined && b.timestamp > a.timestamp) ? b : a;
  return { ...one, value: merges[merge](one.value, other.value), exemplar };
}

const merges: Readonly<Record<GaugeMerge, (one: number, other: number) => number>> = {
  sum: (one, other) => one + other,
  max: (one, other) => Math.max(one, other),
  min: (one, other) => Math.min(one, other),
};

/** How the gauges of several processes become one. */
function mergeOf(name: string): GaugeMerge {
  const table: Readonly<Record<string, MetricDefinition | undefined>> = metricTable;
  const definition = table[name];
  const merge = definition?.type === 'gauge' ? definition.merge : processMerges[name];
  if (merge === undefined) throw new Error(`Nobody said how to merge the gauge ${name}.`);
  return merge;
}

function keyOf({ metricName = '', labels }: SnapshotSample): string {
  const sorted = Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${metricName} ${JSON.stringify(sorted)}`;
}

/** In the OpenMetrics text format, in which the name of a counter lacks the suffix that its samples have. */
function textOf({ name, help, type, samples }: MergedFamily): string {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const lines = [...samples.values()].map((sample) => lineOf(name, sample));
  return [`# HELP ${family} ${escaped(help)}`, `# TYPE ${family} ${type}`, ...lines].join('\n');
}

function lineOf(family: string, { metricName, labels, value, exemplar }: SnapshotSample): string {
  const pairs = labelsOf(labels);
  const line = `${metricName ?? family}${pairs === '' ? '' : `{${pairs}}`} ${String(value)}`;
  if (exemplar === undefined) return line;
  const { labelSet, timestamp } = exemplar;
  return `${line} # {${labelsOf(labelSet)}} ${String(exemplar.value)} ${String(timestamp)}`;
}

function labelsOf(labels: SnapshotSample['labels']): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(String(value)).replaceAll('"', '\\"')}"`)
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
