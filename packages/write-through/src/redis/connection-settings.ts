/** What all connections of a store have in common. */
export interface ConnectionSettings {
  /** Longest wait for one answer; longer than any healthy round trip, shorter than a caller's patience. */
  readonly commandTimeoutMs?: number;
  readonly clientName?: string;
  /** Told of every command that was answered or failed, by its name, except those that the client sends by itself. */
  readonly onCommand?: ((name: string, tookMs: number, end: 'ok' | 'error') => void) | undefined;
}
