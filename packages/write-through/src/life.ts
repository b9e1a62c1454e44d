import type { Ambient } from './ambient.ts';
import type { Life } from './entry.ts';
import type { Limits } from './limits.ts';

/** A life of about that span, shortened at random so that entries made together do not end together. */
export function newLife(
  spanMs: number,
  ambient: Pick<Ambient, 'nowMs' | 'random'>,
  limits: Pick<Limits, 'lifeJitterRatio'>,
): Life {
  const lifeMs = Math.max(1, Math.round(spanMs * (1 - ambient.random() * limits.lifeJitterRatio)));
  return { lifeMs, expiresAtMs: ambient.nowMs() + lifeMs };
}

export function endsSoon(life: Life, nowMs: number, belowRatio: number): boolean {
  return life.expiresAtMs - nowMs < life.lifeMs * belowRatio;
}

/** The same span once more, from now on. */
export function prolonged(life: Life, nowMs: number): Life {
  return { lifeMs: life.lifeMs, expiresAtMs: nowMs + life.lifeMs };
}
