/** When somebody asked and heard, and how. Milliseconds of the run's clock. */
export interface Times {
  readonly what: string;
  readonly beganMs: number;
  readonly endedMs: number;
  /** How the cache took part, as far as that was told. */
  readonly cache?: string | undefined;
}

/** One thing that somebody was told of a product. */
export interface Operation extends Times {
  readonly productId: number;
  /** `null`: that it does not exist. */
  readonly version: number | null;
}

export interface Violation {
  readonly rule: string;
  readonly text: string;
  /** The operations that cannot all be true. */
  readonly history: readonly Operation[];
  /** When it happened, if the operations do not tell. */
  readonly atMs?: number | undefined;
}
