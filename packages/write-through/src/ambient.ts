import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Token } from './entry.ts';

/** Clock, chance and waiting, so that tests can replace them. */
export interface Ambient {
  /** Wall-clock time in milliseconds; only lives of entries depend on it. */
  nowMs(): number;
  /** Monotonic time in milliseconds, for deadlines. */
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  token(): Token;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemAmbient: Ambient = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  token: () => randomBytes(8).toString('hex'),
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};
