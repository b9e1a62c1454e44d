import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { BoundHistogram } from './bound-histogram.ts';
import type { Distribution } from './distribution.ts';
import { exemplarOf, type SpanReference } from './exemplar.ts';
import {
  labelSetsOf,
  type CounterDefinition,
  type GaugeDefinition,
  type HistogramDefinition,
  type LabelsOf,
  type MetricTable,
  type NamesOf,
} from './metric-definition.ts';
import { type MetricSnapshot, seriesOf, toSnapshot } from './metric-snapshot.ts';

/** What one scrape answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Adds so many events, one if it is not said how many. */
export type Tally = (events?: number) => void;

interface Scraped {
  readonly scraped: true;
}

type CountedNames<Table extends MetricTable> = Exclude<
  NamesOf<Table, CounterDefinition>,
  NamesOf<Table, Scraped>
>;
type SetNames<Table extends MetricTable> = Exclude<
  NamesOf<Table, GaugeDefinition>,
  NamesOf<Table, Scraped>
>;

/** Adds one observation, in the unit that the metric's name ends with. */
export type Observer = (value: number) => void;

/** One number that a source tells at a scrape. */
export interface Reading<LabelSet> {
  readonly labels: LabelSet;
  readonly value: number;
}

/** Tells what there is now; none if there is nothing to tell. A source must not throw. */
export type Source<LabelSet> = () => readonly Reading<LabelSet>[];

/** One source for each metric that is asked at every scrape. Leaving one out does not compile. */
export type Sources<Table extends MetricTable> = {
  readonly [Name in NamesOf<Table, Scraped>]: Source<LabelsOf<Table[Name]>>;
};

/** Metrics of a table. A name that is not in it, or a label with another value, does not compile. */
export interface MetricSet<Table extends MetricTable> {
  /** Adds one observation to a histogram, in the unit that the metric's name ends with. */
  observe<Name extends NamesOf<Table, HistogramDefinition>>(
    name: Name,
    labels: LabelsOf<Table[Name]>,
    value: number,
  ): void;
  /** Adds one observation each time it is called: a histogram that is told often is looked up once. */
  histogram<Name extends NamesOf<Table, HistogramDefinition>>(
    name: Name,
    labels: LabelsOf<Table[Name]>,
  ): Observer;
  /** Counts one event, or several. */
  count<Name extends CountedNames<Table>>(
    name: Name,
    labels: LabelsOf<Table[Name]>,
    events?: number,
  ): void;
  /**
   * Counts one event, or several, each time it is called: a counter that is told often is looked up once, and is
   * added to at the next exposition. Begins at zero, also where labels are open.
   */
  counter<Name extends CountedNames<Table>>(name: Name, labels: LabelsOf<Table[Name]>): Tally;
  /** Says what a gauge is from now on. */
  set<Name extends SetNames<Table>>(name: Name, labels: LabelsOf<Table[Name]>, value: number): void;
  /** What a histogram would expose now, for each value of one label that was seen, whatever the others are. */
  distributions<
    Name extends NamesOf<Table, HistogramDefinition>,
    Label extends keyof LabelsOf<Table[Name]> & string,
  >(
    name: Name,
    label: Label,
  ): ReadonlyMap<LabelsOf<Table[Name]>[Label], Distribution>;
  /** Everything so far, in the OpenMetrics text format: the only one that has exemplars. */
  expose(): Promise<Exposition>;
  /** The same as data, for whoever exposes several processes as one. */
  snapshot(): Promise<MetricSnapshot>;
}

export interface MetricSetOptions<Table extends MetricTable> {
  /** Where they are registered, and what is exposed; one of their own if not given. */
  readonly registry?: Registry<OpenMetricsContentType>;
  readonly sources: Sources<Table>;
  /** The span of whoever observes, if there is one. */
  readonly currentSpan?: (() => SpanReference | undefined) | undefined;
  /** Told after every exposition what it was like. */
  readonly onExposed?: (size: ScrapeSize) => void;
}

export interface ScrapeSize {
  readonly seconds: number;
  readonly series: number;
}

/**
 * Registers every metric of a table.
 *
 * A counter whose labels are all known begins at zero with each of them, since Prometheus sees no increase in a
 * series that begins at one. A gauge has no value until it is set, and a scraped metric has those of its source alone.
 */
export function createMetricSet<Table extends MetricTable>(
  table: Table,
  options: MetricSetOptions<Table>,
): MetricSet<Table> {
  return new RegisteredMetrics(table, options);
}

/** One that exposes the OpenMetrics text format. */
export function newRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

type Labels = Readonly<Record<string, string>>;

/** Knows the names as strings; those who use it see `MetricSet`, which lets only the right ones through. */
class RegisteredMetrics<Table extends MetricTable> implements MetricSet<Table> {
  readonly #registry: Registry<OpenMetricsContentType>;
  readonly #histograms = new Map<string, BoundHistogram>();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #tallies: (() => void)[] = [];
  readonly #currentSpan: () => SpanReference | undefined;
  readonly #onExposed: (size: ScrapeSize) => void;

  constructor(table: Table, options: MetricSetOptions<Table>) {
    this.#registry = options.registry ?? newRegistry();
    this.#currentSpan = options.currentSpan ?? (() => undefined);
    this.#onExposed = options.onExposed ?? (() => undefined);
    const sources: Readonly<Record<string, Source<Labels> | undefined>> = options.sources;
    for (const [name, definition] of Object.entries(table)) {
      if (definition.type === 'histogram') this.#addHistogram(name, definition);
      else if (definition.type === 'counter') this.#addCounter(name, definition, sources[name]);
      else this.#addGauge(name, definition, sources[name]);
    }
  }

  observe(name: string, labels: Labels, value: number): void {
    const histogram = found(this.#histograms, name);
    const exemplar = histogram.hasExemplars ? exemplarOf(this.#currentSpan()) : undefined;
    histogram.add(labels, value, exemplar);
  }

  histogram(name: string, labels: Labels): Observer {
    const histogram = found(this.#histograms, name);
    const add = histogram.bound(labels);
    if (!histogram.hasExemplars) return add;
    return (value) => add(value, exemplarOf(this.#currentSpan()));
  }

  count(name: string, labels: Labels, events = 1): void {
    found(this.#counters, name).inc(labels, events);
  }

  counter(name: string, labels: Labels): Tally {
    const counter = found(this.#counters, name);
    let events = 0;
    counter.inc(labels, 0);
    this.#tallies.push(() => {
      counter.inc(labels, events);
      events = 0;
    });
    return (more = 1) => {
      events += more;
    };
  }

  set(name: string, labels: Labels, value: number): void {
    found(this.#gauges, name).set(labels, value);
  }

  distributions<Value extends string>(
    name: string,
    label: string,
  ): ReadonlyMap<Value, Distribution>;
  distributions(name: string, label: string): ReadonlyMap<string, Distribution> {
    return found(this.#histograms, name).distributionsBy(label);
  }

  async snapshot(): Promise<MetricSnapshot> {
    for (const add of this.#tallies) add();
    return toSnapshot(await this.#registry.getMetricsAsJSON());
  }

  async expose(): Promise<Exposition> {
    const beganMs = performance.now();
    for (const add of this.#tallies) add();
    const text = await this.#registry.metrics();
    this.#onExposed({ seconds: (performance.now() - beganMs) / 1000, series: seriesOf(text) });
    return { contentType: this.#registry.contentType, text };
  }

  #addHistogram(name: string, definition: HistogramDefinition): void {
    const { exemplars = false, buckets } = definition;
    const own = { buckets: [...buckets], enableExemplars: exemplars };
    this.#histograms.set(name, new BoundHistogram({ ...this.#settings(name, definition), ...own }));
  }

  #addCounter(name: string, definition: CounterDefinition, source?: Source<Labels>): void {
    const counter = new Counter({
      ...this.#settings(name, definition),
      ...(source && {
        collect(this: Counter) {
          const readings = source();
          this.reset();
          for (const { labels, value } of readings) this.inc({ ...labels }, value);
        },
      }),
    });
    if (!source) for (const labels of labelSetsOf(definition) ?? []) counter.inc(labels, 0);
    this.#counters.set(name, counter);
  }

  #addGauge(name: string, definition: GaugeDefinition, source?: Source<Labels>): void {
    const gauge = new Gauge({
      ...this.#settings(name, definition),
      ...(source && {
        collect(this: Gauge) {
          const readings = source();
          clear(this, definition);
          for (const { labels, value } of readings) this.set({ ...labels }, value);
        },
      }),
    });
    clear(gauge, definition);
    this.#gauges.set(name, gauge);
  }

  #settings(name: string, { help, labels }: { help: string; labels: object }) {
    return { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
  }
}

function found<Metric>(metrics: ReadonlyMap<string, Metric>, name: string): Metric {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`${name} is not a metric of that type.`);
  return metric;
}

/** Takes all its values; without labels, prom-client would go on to say zero where nothing was said. */
function clear(gauge: Gauge, { labels }: GaugeDefinition): void {
  gauge.reset();
  if (Object.keys(labels).length === 0) gauge.remove();
}
