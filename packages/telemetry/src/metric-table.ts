/** Seconds that a request may take; every threshold of a latency objective is one of these edges. */
export const latencyBucketsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const;

/** What is registered under one name. A label never holds an id, a key or user input. */
export interface MetricDefinition {
  readonly type: 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
}

/** Every metric of the service but the default ones of the process; nothing is registered elsewhere. */
export const metricTable = {
  product_write_duration_seconds: {
    type: 'histogram',
    help: 'How long writes of the product service take, by procedure and by the end of their cache step.',
    labels: ['operation', 'cache_success'],
    buckets: latencyBucketsSeconds,
  },
  product_read_duration_seconds: {
    type: 'histogram',
    help: 'How long reads of the product service take, by procedure and by the end of their cache step.',
    labels: ['operation', 'cache_success'],
    buckets: latencyBucketsSeconds,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricTable;

/** The labels of one metric, each with its value. */
export type MetricLabels<Name extends MetricName> = Readonly<
  Record<(typeof metricTable)[Name]['labels'][number], string>
>;
