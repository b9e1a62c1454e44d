import type { Ambient } from './ambient.ts';
import type { CacheObserver } from './cache-observer.ts';
import type { EntryStore } from './entry-store.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import type { Epoch } from './epoch.ts';
import type { Limits } from './limits.ts';
import type { Transactions } from './transactions.ts';

export interface SweeperParts {
  readonly store: EntryStore;
  readonly transactions: Pick<Transactions<unknown>, 'statuses'>;
  readonly epochs: Pick<EpochKeeper, 'current' | 'distrust'>;
  readonly ambient: Ambient;
  readonly limits: Limits;
  readonly observer?: CacheObserver | undefined;
}

/** What a sweep found, before it settled any of it. */
export interface PendingEntries {
  readonly count: number;
  /** Time since the last INTEND of the one that waits longest; 0 without one. */
  readonly oldestMs: number;
}

/**
 * Settles what nobody reads: pending entries whose writers died, and those of old epochs. They have no life, so
 * they would stay for ever. What is read is settled by its first reader, long before.
 *
 * An entry all of whose transactions have ended becomes absent: that is right whatever they did, and needs no
 * record. Every process sweeps; the nonce lets one of them settle each entry.
 */
export class Sweeper implements AsyncDisposable {
  readonly #parts: SweeperParts;
  readonly #stopping = new AbortController();
  #pending: PendingEntries | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** Pending entries in the store at the last sweep, of all processes; undefined before the first. */
  get pending(): PendingEntries | undefined {
    return this.#pending;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** One sweep of the whole store. Throws what the stores throw. */
  async sweep(): Promise<void> {
    const { store, epochs, limits } = this.#parts;
    const epoch = epochs.current;
    if (epoch === undefined) return;
    const swept = await store.sweep(epoch, limits.overdueMs);
    if (swept.state === 'untrusted') return epochs.distrust(epoch, swept.reason);
    this.#pending = { count: swept.pending, oldestMs: swept.oldestMs ?? 0 };
    for (let start = 0; start < swept.overdue.length; start += limits.loadBatchMax) {
      await this.#settle(epoch, swept.overdue.slice(start, start + limits.loadBatchMax));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { ambient, limits } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waitMs = limits.sweepEveryMs * (0.5 + ambient.random());
      await ambient.wait(waitMs, signal).catch(() => undefined);
      // What fails now is tried again the next time.
      if (!signal.aborted) await this.sweep().catch(() => undefined);
    }
  }

  /** Statuses come after the entries, so an attempt that was seen and has ended cannot commit any more. */
  async #settle(epoch: Epoch, keys: readonly string[]): Promise<void> {
    const { store, transactions, epochs } = this.#parts;
    const entries = await store.get(epoch, keys);
    if ('state' in entries) return epochs.distrust(epoch, entries.reason);
    const pending = keys.flatMap((key) => {
      const entry = entries.get(key);
      return entry?.state === 'pending' ? [{ key, ...entry }] : [];
    });
    const xids = [...new Set(pending.flatMap(({ attempts }) => attempts.map(({ xid }) => xid)))];
    if (xids.length === 0) return;
    const statuses = await transactions.statuses(xids);
    if (statuses.includes('future')) return epochs.distrust(epoch, 'mark');
    const ended = new Set(xids.filter((_, index) => statuses[index] !== 'in progress'));
    await Promise.all(
      pending
        .filter(({ attempts }) => attempts.every(({ xid }) => ended.has(xid)))
        .map(async ({ key, nonce }) => {
          const { state } = await store.resolve(epoch, key, { type: 'whole', nonce });
          if (state === 'applied') this.#parts.observer?.resolved('sweep');
        }),
    );
  }
}
