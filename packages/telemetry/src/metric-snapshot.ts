/** An observation within a sampled span, as prom-client keeps it beside a bucket. */
export interface SnapshotExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

export interface SnapshotSample {
  /** Left out, it is that of the family. */
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly exemplar?: SnapshotExemplar | undefined;
}

/** All samples of one metric at one moment. */
export interface MetricFamily {
  /** A counter's ends with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly SnapshotSample[];
}

/** Everything that one process would expose, as data that another process can be sent. */
export type MetricSnapshot = readonly MetricFamily[];

/** A family as prom-client tells it, which types its samples as those of a gauge, whatever they are. */
interface ToldFamily extends Omit<MetricFamily, 'type' | 'values'> {
  /** Said to be a number, and is a name. */
  readonly type: unknown;
  readonly values: readonly ToldSample[];
}

interface ToldSample {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

/** Once they were exposed in the OpenMetrics format, prom-client tells counters without their suffix. */
export function toSnapshot(told: readonly ToldFamily[]): MetricSnapshot {
  return told.map(({ name, help, type, values }) => ({
    name: String(type) === 'counter' && !name.endsWith('_total') ? `${name}_total` : name,
    help,
    type: String(type),
    values: values.map(toSample),
  }));
}

function toSample(told: ToldSample): SnapshotSample {
  const labels: Record<string, string | number> = {};
  for (const [label, value] of Object.entries(told.labels)) {
    if (value !== undefined) labels[label] = value;
  }
  return {
    ...('metricName' in told &&
      typeof told.metricName === 'string' && { metricName: told.metricName }),
    labels,
    value: told.value,
    ...('exemplar' in told && isExemplar(told.exemplar) && { exemplar: { ...told.exemplar } }),
  };
}

/** A bucket without an observation within a span has none, or an empty one. */
function isExemplar(exemplar: unknown): exemplar is SnapshotExemplar {
  return (
    typeof exemplar === 'object' &&
    exemplar !== null &&
    'labelSet' in exemplar &&
    'timestamp' in exemplar &&
    Object.keys(Object(exemplar.labelSet)).length > 0
  );
}

/** How many series a text in the OpenMetrics format has. */
export function seriesOf(text: string): number {
  return text.match(/^[^#\n]/gm)?.length ?? 0;
}
