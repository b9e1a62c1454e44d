import { Histogram, type HistogramConfiguration } from 'prom-client';
import { BucketCounts, type KeptExemplar } from './bucket-counts.ts';
import type { Distribution } from './distribution.ts';
import type { ExemplarLabels } from './exemplar.ts';

type Labels = Readonly<Record<string, string>>;

interface Child {
  readonly labels: Labels;
  readonly counts: BucketCounts;
}

/** One line of an exposition, as the library makes it from what a metric tells. */
interface Sample {
  readonly metricName: string;
  readonly labels: { readonly le?: number | string };
  readonly sharedLabels: Labels;
  readonly value: number;
  readonly exemplar?: KeptExemplar | undefined;
}

/**
 * A histogram of prom-client whose numbers are counted here, and told when it is scraped.
 *
 * A read from the cache makes four observations. The library's own `observe` checks and sorts the labels each time; here
 * a set of labels is looked up by its values, or once for all where it is known beforehand.
 */
export class BoundHistogram extends Histogram {
  /** Whether what is observed may name its span. */
  readonly hasExemplars: boolean;
  readonly #name: string;
  readonly #help: string;
  readonly #labelNames: readonly string[];
  readonly #edges: readonly number[];
  readonly #children = new Map<string, Child>();

  constructor(configuration: HistogramConfiguration<string>) {
    super(configuration);
    this.hasExemplars = configuration.enableExemplars ?? false;
    this.#name = configuration.name;
    this.#help = configuration.help;
    this.#labelNames = configuration.labelNames ?? [];
    this.#edges = configuration.buckets ?? [];
    // Without labels there is one child, which is told from the start.
    if (this.#labelNames.length === 0) this.#childOf({});
  }

  /** Adds one observation. Throws on labels that it does not have, and on what is no number. */
  add(labels: Labels, value: number, exemplar?: ExemplarLabels): void {
    this.#childOf(labels).counts.observe(value, exemplar);
  }

  /** The same for labels that are known beforehand. They have no series before the first observation. */
  bound(labels: Labels): (value: number, exemplar?: ExemplarLabels) => void {
    let counts: BucketCounts | undefined;
    return (value, exemplar) => {
      counts ??= this.#childOf(labels).counts;
      counts.observe(value, exemplar);
    };
  }

  /** The same numbers for a program: for each value of one label, whatever the others are. */
  distributionsBy(label: string): ReadonlyMap<string, Distribution> {
    const distributions = new Map<string, Distribution>();
    for (const { labels, counts } of this.#children.values()) {
      const value = labels[label] ?? '';
      const sofar = distributions.get(value);
      const buckets = counts.cumulative().map(({ edge, count }, bucket) => ({
        edge,
        count: count + (sofar?.buckets[bucket]?.count ?? 0),
      }));
      distributions.set(value, { buckets, sum: counts.sum + (sofar?.sum ?? 0) });
    }
    return distributions;
  }

  /** What the library asks at every scrape, whether it tells text or objects. */
  async getForPromString() {
    const described = { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum' };
    return { ...described, values: this.#values() };
  }

  #values(): readonly Sample[] {
    return [...this.#children.values()].flatMap((child) => this.#samplesOf(child));
  }

  #samplesOf({ labels: sharedLabels, counts }: Child): readonly Sample[] {
    const sample = (suffix: string, value: number, labels: Sample['labels'] = {}) => ({
      metricName: `${this.#name}_${suffix}`,
      labels,
      sharedLabels,
      value,
    });
    const buckets = counts.cumulative();
    const samples: Sample[] = buckets.map(({ edge, count, exemplar }) => {
      const le = edge === Number.POSITIVE_INFINITY ? '+Inf' : edge;
      return Object.assign(sample('bucket', count, { le }), { exemplar });
    });
    samples.push(sample('sum', counts.sum), sample('count', buckets.at(-1)?.count ?? 0));
    return samples;
  }

  #childOf(labels: Labels): Child {
    const key = this.#keyOf(labels);
    const found = this.#children.get(key);
    if (found !== undefined) return found;
    const unknown = Object.keys(labels).find((label) => !this.#labelNames.includes(label));
    if (unknown !== undefined) throw new Error(`${this.#name} has no label "${unknown}".`);
    const child = { labels: { ...labels }, counts: new BucketCounts(this.#edges) };
    this.#children.set(key, child);
    return child;
  }

  #keyOf(labels: Labels): string {
    let key = '';
    for (const name of this.#labelNames) key += `${labels[name] ?? ''}\n`;
    return key;
  }
}
