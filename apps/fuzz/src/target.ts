/** What is fuzzed: a service, or what stands in for one. */
export interface Target {
  readonly ports: Readonly<Record<'service' | 'operations', number>>;
  /** Good and bad ones, by name. */
  readonly tokens: ReadonlyMap<string, string>;
  /** What no answer may contain. */
  readonly secrets: readonly string[];
  /** What it said or did since it was last asked that a healthy process does not, such as that it ended. */
  complaint(): string | undefined;
  /** Starts it again if it has ended. */
  ensureRunning(): Promise<void>;
}
