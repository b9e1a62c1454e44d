import type { Program } from '../program.ts';
import type { Stores } from '../stores.ts';

export const variantNames = [
  'limit',
  'ours',
  'ours again',
  'ours, no telemetry',
  'ours, every request traced',
  'ours, two workers',
  'stock',
  'stock, auto-instrumented',
  'no cache, pg',
  'no cache, Sequelize',
  'classic',
  'bentocache',
  'cacheable',
  'cache-manager',
  'async-cache-dedupe',
  'database only',
] as const;
export type VariantName = (typeof variantNames)[number];

/** Those that keep what they read in Redis, and write. */
export const cachingVariants = [
  'ours',
  'classic',
  'bentocache',
  'cacheable',
  'cache-manager',
  'async-cache-dedupe',
] as const satisfies VariantName[];

/** What a variant needs to start. */
export interface Surroundings {
  readonly stores: Stores;
  /** Takes spans and forgets them. */
  readonly collectorUrl: string;
  /** Signs the tokens of writers. */
  readonly secret: string;
  /** More options for the Node of every variant, such as a profiler. */
  readonly nodeOptions?: readonly string[];
  /** More variables for the environment of every variant. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One thing that is measured: the same procedures on the same stores, done in another way. */
export interface Variant {
  readonly name: VariantName;
  /** In one sentence, for the report. */
  readonly is: string;
  /** Several processes of one variant are a fleet: they share its stores. */
  start(surroundings: Surroundings): Promise<Program>;
}
