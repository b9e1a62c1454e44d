export interface ChartLine {
  readonly key: string;
  readonly label: string;
  /** A CSS colour. */
  readonly colour: string;
  /** Lines differ by it too, for whoever sees no colours. */
  readonly dash?: string;
}

export interface ChartRow {
  readonly atMs: number;
  /** By the key of the line; null where there is none. */
  readonly values: Readonly<Record<string, number | null>>;
}
