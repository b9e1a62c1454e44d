import { randomFillSync } from 'node:crypto';
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
  /** Whether the work, which does not throw, ends within that time. It goes on after it. */
  endsWithin(ms: number, work: Promise<unknown>): Promise<boolean>;
}

export const systemAmbient: Ambient = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  token: drawToken,
  wait: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
  // At every write, so without what a wait costs that is called off.
  endsWithin: async (ms, work) => {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), ms);
    const ended = await Promise.race([work.then(() => true), late.promise]);
    clearTimeout(timer);
    return ended;
  },
};

const tokenBytes = 8;
/** Bytes are drawn for many tokens at once: a draw costs as much as hundreds of them. */
const drawn = Buffer.alloc(512 * tokenBytes);
let used = drawn.length;

function drawToken(): Token {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += tokenBytes;
  return drawn.toString('hex', used - tokenBytes, used);
}

/** {@link Ambient.endsWithin} where time is what `wait` makes of it. */
export async function endsWithin(
  ambient: Pick<Ambient, 'wait'>,
  ms: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const ended = new AbortController();
  const late = ambient.wait(ms, ended.signal).then(
    () => false,
    () => false,
  );
  const isInTime = await Promise.race([work.then(() => true), late]);
  ended.abort();
  return isInTime;
}
