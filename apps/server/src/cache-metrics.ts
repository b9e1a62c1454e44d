import type { Metrics, Observer, Tally } from '@throughline/telemetry';
import type {
  CacheObserver,
  EntryOutcome,
  Flight,
  LoadCause,
  MissReason,
  ReadOutcome,
} from '@throughline/write-through';
import type { HotKeys } from './hot-keys.ts';
import type { ReadCounts } from './read-counts.ts';

type CacheMetricsTarget = Pick<Metrics, 'histogram' | 'counter'>;

/** What is told of reads to who sums them up otherwise. */
interface ReadSums {
  readonly hotKeys: Pick<HotKeys, 'note'>;
  readonly reads: Pick<ReadCounts, 'note'>;
}

interface NamespaceTallies {
  readonly read: Readonly<Record<ReadOutcome, Tally>>;
  readonly missed: Readonly<Record<MissReason, Tally>>;
  readonly written: Readonly<Record<EntryOutcome, Tally>>;
  readonly joined: Tally;
  readonly ageSeconds: Observer;
  readonly valueBytes: Observer;
  readonly visibleSeconds: Observer;
}

/** Of writes that were refused before they could name an entry, and of entries that no source has. */
const unknownNamespace = 'unknown';

/** Counts what happens within the cache. The counters and histograms of a namespace are looked up once, as reads wait for them. */
export class CacheMetrics implements CacheObserver {
  readonly #metrics: CacheMetricsTarget;
  readonly #sums: ReadSums;
  readonly #namespaces = new Map<string, NamespaceTallies>();
  readonly #unknown: NamespaceTallies;
  readonly #loaded: Readonly<Record<LoadCause, Tally>>;
  readonly #resolved: Readonly<Record<'read' | 'sweep', Tally>>;
  readonly #rejected: Tally;

  constructor(metrics: CacheMetricsTarget, sums: ReadSums) {
    this.#metrics = metrics;
    this.#sums = sums;
    this.#unknown = talliesOf(metrics, unknownNamespace);
    const loaded = (cause: LoadCause) => metrics.counter('cache_database_reads_total', { cause });
    this.#loaded = {
      miss: loaded('miss'),
      pending: loaded('pending'),
      untrusted: loaded('untrusted'),
      error: loaded('error'),
    };
    this.#resolved = {
      read: metrics.counter('cache_resolved_total', { cause: 'read' }),
      sweep: metrics.counter('cache_resolved_total', { cause: 'sweep' }),
    };
    const labels = { namespace: unknownNamespace, outcome: 'rejected' } as const;
    this.#rejected = metrics.counter('cache_writes_total', labels);
  }

  /** From now on this namespace is told apart, beginning at zero. */
  begin(namespace: string): void {
    this.#namespaces.set(namespace, talliesOf(this.#metrics, namespace));
  }

  asked(key: string): void {
    this.#sums.hotKeys.note(key);
  }

  read(namespace: string, outcome: ReadOutcome): void {
    this.#sums.reads.note(outcome);
    this.#of(namespace).read[outcome]();
  }

  answered(namespace: string, ageMs: number): void {
    this.#of(namespace).ageSeconds(ageMs / 1000);
  }

  missed(namespace: string, reason: MissReason): void {
    this.#of(namespace).missed[reason]();
  }

  joined({ namespace }: Flight): void {
    this.#of(namespace).joined();
  }

  async flown<Result>(_: Flight, fly: () => Promise<Result>): Promise<Result> {
    return fly();
  }

  loaded(cause: LoadCause): void {
    this.#loaded[cause]();
  }

  stored(namespace: string, bytes: number): void {
    this.#of(namespace).valueBytes(bytes);
  }

  written(namespace: string, outcome: EntryOutcome): void {
    this.#of(namespace).written[outcome]();
  }

  visible(namespace: string, sinceCommitMs: number): void {
    this.#of(namespace).visibleSeconds(sinceCommitMs / 1000);
  }

  rejected(): void {
    this.#rejected();
  }

  resolved(by: 'read' | 'sweep'): void {
    this.#resolved[by]();
  }

  #of(namespace: string): NamespaceTallies {
    return this.#namespaces.get(namespace) ?? this.#unknown;
  }
}

function talliesOf(metrics: CacheMetricsTarget, namespace: string): NamespaceTallies {
  const read = (result: ReadOutcome) =>
    metrics.counter('cache_requests_total', { namespace, result });
  const missed = (reason: MissReason) =>
    metrics.counter('cache_misses_total', { namespace, reason });
  const written = (outcome: EntryOutcome) =>
    metrics.counter('cache_writes_total', { namespace, outcome });
  return {
    read: {
      hit: read('hit'),
      negative: read('negative'),
      miss: read('miss'),
      pending: read('pending'),
      bypass: read('bypass'),
      error: read('error'),
    },
    missed: {
      absent: missed('absent'),
      invalidated: missed('invalidated'),
      schema_skew: missed('schema_skew'),
      decode_error: missed('decode_error'),
      timeout: missed('timeout'),
      untrusted: missed('untrusted'),
    },
    written: {
      published: written('published'),
      superseded: written('superseded'),
      deferred: written('deferred'),
    },
    joined: metrics.counter('cache_flights_joined_total', { namespace }),
    ageSeconds: metrics.histogram('cache_entry_age_seconds', { namespace }),
    valueBytes: metrics.histogram('cache_value_bytes', { namespace }),
    visibleSeconds: metrics.histogram('cache_commit_to_visible_seconds', { namespace }),
  };
}
