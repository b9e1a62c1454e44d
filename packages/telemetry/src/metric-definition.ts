/** The values of a label: all of them, or how many different ones there can be. */
export type LabelValues = readonly string[] | { readonly valuesMax: number };

interface Described {
  readonly help: string;
  /** A label never holds an id, a key or user input. */
  readonly labels: Readonly<Record<string, LabelValues>>;
}

export interface HistogramDefinition extends Described {
  readonly type: 'histogram';
  readonly buckets: readonly number[];
  /** Observations within a sampled span name their trace. */
  readonly exemplars?: true;
}

export interface CounterDefinition extends Described {
  readonly type: 'counter';
  /** Asked of its source at every scrape, instead of being told of every event. */
  readonly scraped?: true;
}

/** What several processes that are scraped as one say together: there is no one way for a gauge. */
export type GaugeMerge = 'sum' | 'max' | 'min';

export interface GaugeDefinition extends Described {
  readonly type: 'gauge';
  readonly merge: GaugeMerge;
  readonly scraped?: true;
}

/** What is registered under one name. */
export type MetricDefinition = HistogramDefinition | CounterDefinition | GaugeDefinition;

export type MetricTable = Readonly<Record<string, MetricDefinition>>;

/** The names of one kind of metric in a table. */
export type NamesOf<Table extends MetricTable, Kind> = {
  [Name in keyof Table & string]: Table[Name] extends Kind ? Name : never;
}[keyof Table & string];

/** The labels of one metric, each with its value. */
export type LabelsOf<Definition extends MetricDefinition> = {
  readonly [
    Label in keyof Definition['labels']
  ]: Definition['labels'][Label] extends readonly (infer Value extends string)[] ? Value : string;
};

/** How many series a metric can have in one process. */
export function seriesMax(definition: MetricDefinition): number {
  const labelSets = Object.values(definition.labels)
    .map((values) => ('valuesMax' in values ? values.valuesMax : values.length))
    .reduce((product, count) => product * count, 1);
  // Beside its buckets, a histogram has the one without an edge, a sum and a count.
  return definition.type === 'histogram' ? labelSets * (definition.buckets.length + 3) : labelSets;
}

/** Every set of labels that a metric can have, if all values of all its labels are known. */
export function labelSetsOf(definition: MetricDefinition): Record<string, string>[] | undefined {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(definition.labels)) {
    if ('valuesMax' in values) return undefined;
    sets = sets.flatMap((set) => values.map((value) => Object.assign({ [label]: value }, set)));
  }
  return sets;
}
