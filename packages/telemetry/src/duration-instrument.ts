import type { Observer } from './metric-set.ts';
import type { MetricName } from './metric-table.ts';
import type { Metrics } from './metrics.ts';

/** `true`: the cache took its part; `false`: a cache step that was due failed; `none`: none was due. */
export type CacheSuccess = 'true' | 'false' | 'none';

/** Tells what the end of an operation says about the cache. */
export interface CacheSuccessClassifier<Outcome extends string> {
  ofOutcome(outcome: Outcome): CacheSuccess;
  ofError(err: unknown): CacheSuccess;
}

/** One named operation of the service. */
export interface Operation {
  readonly name: string;
  readonly kind: 'read' | 'write';
}

/** The seam between domain and telemetry: runs the operation and hands its end on unchanged. */
export type Instrument<Outcome extends string> = <T extends { readonly outcome: Outcome }>(
  operation: Operation,
  run: () => Promise<T>,
) => Promise<T>;

export interface DurationInstrumentOptions<Outcome extends string> {
  readonly metrics: Pick<Metrics, 'histogram'>;
  readonly classifier: CacheSuccessClassifier<Outcome>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Observes how long every operation takes, whether it answers or throws. */
export function createDurationInstrument<Outcome extends string>(
  options: DurationInstrumentOptions<Outcome>,
): Instrument<Outcome> {
  const { metrics, classifier, now = () => performance.now() } = options;

  const known = { read: new Map<string, Durations>(), write: new Map<string, Durations>() };
  const durationsOf = ({ name, kind }: Operation): Durations => {
    const found = known[kind].get(name);
    if (found !== undefined) return found;
    const ended = (cacheSuccess: CacheSuccess) =>
      metrics.histogram(metricNames[kind], { operation: name, cache_success: cacheSuccess });
    const durations = { true: ended('true'), false: ended('false'), none: ended('none') };
    known[kind].set(name, durations);
    return durations;
  };

  // Every read waits for this: one promise and no function that is resumed.
  return (operation, run) => {
    const durations = durationsOf(operation);
    const startedAtMs = now();
    const observe = (end: CacheSuccess) => durations[end]((now() - startedAtMs) / 1000);
    return run().then(
      (result) => {
        observe(classifier.ofOutcome(result.outcome));
        return result;
      },
      (err: unknown) => {
        observe(classifier.ofError(err));
        throw err;
      },
    );
  };
}

/** Of one operation, by the end of its cache step. */
type Durations = Readonly<Record<CacheSuccess, Observer>>;

const metricNames = {
  read: 'product_read_duration_seconds',
  write: 'product_write_duration_seconds',
} as const satisfies Record<Operation['kind'], MetricName>;
