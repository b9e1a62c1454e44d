import type { Ambient } from './ambient.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import type { EpochRegister } from './epoch-register.ts';
import { epochNumber } from './epoch.ts';
import { CacheUnavailableError } from './errors.ts';
import type { Limits } from './limits.ts';

export interface ResetParts {
  readonly register: Pick<EpochRegister, 'read' | 'drain'>;
  readonly epochs: Pick<EpochKeeper, 'current' | 'suspect'>;
  readonly ambient: Pick<Ambient, 'monotonicMs' | 'wait'>;
  readonly limits: Pick<Limits, 'resetBudgetMs' | 'resetPollMs'>;
}

/**
 * Drains the epoch that the row tells of now, and waits until this process may use a later one; its number. Where
 * no epoch was active, the one that follows is new by itself.
 */
export async function beginNewEpoch(parts: ResetParts): Promise<number> {
  const { register, epochs, ambient, limits } = parts;
  const endMs = ambient.monotonicMs() + limits.resetBudgetMs;
  const { row } = await register.read();
  const before = epochNumber(row);
  if (row.state === 'active') await register.drain(row.epoch);
  epochs.suspect();
  while (ambient.monotonicMs() < endMs) {
    const { current } = epochs;
    if (current !== undefined && current.number > before) return current.number;
    await ambient.wait(limits.resetPollMs);
  }
  throw new CacheUnavailableError('The epoch has ended and no new one has begun in time.');
}
