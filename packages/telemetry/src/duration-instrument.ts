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
  readonly metrics: Pick<Metrics, 'observe'>;
  readonly classifier: CacheSuccessClassifier<Outcome>;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Observes how long every operation takes, whether it answers or throws. */
export function createDurationInstrument<Outcome extends string>(
  options: DurationInstrumentOptions<Outcome>,
): Instrument<Outcome> {
  const { metrics, classifier, now = () => performance.now() } = options;

  return async (operation, run) => {
    const startedAtMs = now();
    const observe = (cacheSuccess: CacheSuccess) => {
      const labels = { operation: operation.name, cache_success: cacheSuccess };
      metrics.observe(metricNames[operation.kind], labels, (now() - startedAtMs) / 1000);
    };
    try {
      const result = await run();
      observe(classifier.ofOutcome(result.outcome));
      return result;
    } catch (err) {
      observe(classifier.ofError(err));
      throw err;
    }
  };
}

const metricNames = {
  read: 'product_read_duration_seconds',
  write: 'product_write_duration_seconds',
} as const satisfies Record<Operation['kind'], MetricName>;
