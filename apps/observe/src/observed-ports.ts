/** The ports of all that answers HTTP. */
export interface ObservedPorts {
  readonly trpc: number;
  readonly metrics: number;
  readonly prometheus: number;
  readonly alertmanager: number;
  readonly redisExporter: number;
  readonly postgresExporter: number;
  readonly notifications: number;
}
