import { createHistogram } from 'node:perf_hooks';
import type { Call } from './calls.ts';
import { Caller, type CallerOptions } from './caller.ts';

export interface LoadOptions extends CallerOptions {
  /** `connections` of the caller are calls at once, each on a connection of its own. */
  readonly seconds: number;
  readonly call: () => Call;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
}

/** Calls as fast as answers come, at least once on each connection. Throws at the first answer that is not 200, with its text. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  await using caller = new Caller(options);
  return await loadOver(caller, options);
}

/** The same over connections that stay open. */
export async function loadOver(
  caller: Caller,
  { connections, seconds, call }: Pick<LoadOptions, 'connections' | 'seconds' | 'call'>,
): Promise<LoadResult> {
  const histogram = createHistogram();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const callUntilEnd = async (): Promise<void> => {
    do {
      const sentMs = performance.now();
      await caller.ask(call());
      histogram.record(Math.max(1, Math.round((performance.now() - sentMs) * 1000)));
    } while (performance.now() < endMs);
  };
  await Promise.all(Array.from({ length: connections }, callUntilEnd));
  return {
    perSecond: histogram.count / ((performance.now() - startMs) / 1000),
    p50Ms: histogram.percentile(50) / 1000,
    p99Ms: histogram.percentile(99) / 1000,
    calls: histogram.count,
  };
}
