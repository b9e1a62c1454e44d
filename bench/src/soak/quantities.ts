/** Something that should not grow. */
export interface Quantity {
  readonly name: string;
  readonly unit: 'MB' | 'ms' | '';
  /** What stands for a window: the least is what is held after a garbage collection. */
  readonly take: 'least' | 'middle';
  /** In the second half of the run, in its unit. */
  readonly growthMax: number;
}

/** Every bound with its reason: below it, what was measured is the noise of a run in which nothing leaks. */
export const quantities = {
  /** In an hour's worth of calls, five bytes of every call of the second half. */
  heap: { name: 'heap of the service in use', unit: 'MB', take: 'least', growthMax: 8 },
  /** Buffers beside the heap. */
  external: { name: 'memory beside the heap', unit: 'MB', take: 'least', growthMax: 8 },
  /** The allocator gives back what it likes. */
  resident: { name: 'resident memory of the service', unit: 'MB', take: 'least', growthMax: 32 },
  /** Connections are opened and closed all the time. */
  descriptors: { name: 'open descriptors', unit: '', take: 'middle', growthMax: 8 },
  handles: { name: 'active handles', unit: '', take: 'middle', growthMax: 8 },
  /** The load is as much as the machine gives, and so is the delay. */
  delay: { name: 'delay of the event loop, p99', unit: 'ms', take: 'middle', growthMax: 25 },
  redisMemory: { name: 'memory of Redis', unit: 'MB', take: 'least', growthMax: 8 },
  redisClients: { name: 'connections to Redis', unit: '', take: 'middle', growthMax: 2 },
  backends: { name: 'connections to PostgreSQL', unit: '', take: 'middle', growthMax: 4 },
  /** Autovacuum comes when it comes. */
  catalogue: { name: 'tables of the catalogue', unit: 'MB', take: 'least', growthMax: 32 },
  outbox: { name: 'rows in the outbox', unit: '', take: 'least', growthMax: 10 },
  overdueKeys: { name: 'idempotency keys overdue', unit: '', take: 'least', growthMax: 100 },
  /** Some wait at every moment, for the tenth of a second until somebody numbers them. */
  unnumberedChanges: { name: 'changes without a number', unit: '', take: 'least', growthMax: 100 },
  overdueChanges: { name: 'changes overdue in the log', unit: '', take: 'least', growthMax: 100 },
  /** They come and go all the time. */
  followers: { name: 'subscriptions told of changes', unit: '', take: 'middle', growthMax: 2 },
} as const satisfies Readonly<Record<string, Quantity>>;

export type QuantityName = keyof typeof quantities;

export const quantityNames = Object.keys(quantities).filter((name): name is QuantityName =>
  Object.hasOwn(quantities, name),
);

/** All of them at one moment. */
export interface Sample {
  readonly calls: number;
  readonly atSeconds: number;
  readonly values: Readonly<Record<QuantityName, number>>;
}
