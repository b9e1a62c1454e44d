import type { Ambient } from './ambient.ts';
import type { EpochRegister } from './epoch-register.ts';
import { retryWaitMs } from './backoff.ts';
import type { Epoch, EpochRow } from './epoch.ts';
import type { EntryStore } from './entry-store.ts';
import type { Limits } from './limits.ts';
import { Signal } from './signal.ts';

export interface EpochKeeperParts {
  readonly store: EntryStore;
  readonly register: EpochRegister;
  readonly ambient: Ambient;
  readonly limits: Limits;
}

/**
 * Knows whether the store can be trusted, and begins a new epoch when it could not be.
 *
 * It follows the epoch row, compares the store's identity with the epoch's, and is told by readers and
 * writers of missing marks. On either, it moves the row to `draining` and then, under the exclusive lock
 * that waits for every writer, marks the store and makes the row `active` again. Any process may do so; the
 * lock lets exactly one. While the store is away nothing is changed: the epoch goes on if the same instance
 * comes back with its marks.
 */
export class EpochKeeper implements AsyncDisposable {
  readonly #parts: EpochKeeperParts;
  /** Something to look into, for the loop. */
  readonly #suspicion = new Signal();
  /** `current` may have changed, for those who wait for it. */
  readonly #changed = new Signal();
  readonly #stopping = new AbortController();
  #row: EpochRow | undefined;
  /** An epoch whose marks were not found in the store. */
  #lost: Epoch | undefined;
  #activatedAtMs = Number.NEGATIVE_INFINITY;
  #reactivateMs: number;
  #loop: Promise<void> | undefined;

  constructor(parts: EpochKeeperParts) {
    this.#parts = parts;
    this.#reactivateMs = parts.limits.reactivateMinMs;
  }

  /** The epoch whose entries may be used now; undefined means PostgreSQL alone. */
  get current(): Epoch | undefined {
    return this.#row?.state === 'active' &&
      this.#row.epoch.storeIdentity === this.#parts.store.identity &&
      !isSame(this.#row.epoch, this.#lost)
      ? this.#row.epoch
      : undefined;
  }

  get row(): EpochRow | undefined {
    return this.#row;
  }

  /** Returns when an epoch can be used, or after a while without one; goes on in the background. */
  async start(): Promise<void> {
    this.#parts.store.onIdentityChange(() => {
      this.#noteUnfitness();
      this.#suspicion.notify();
      this.#changed.notify();
    });
    this.#suspicion.notify();
    this.#loop = this.#run();
    await this.usable(this.#parts.limits.startWaitMs);
  }

  /** An operation under this epoch found another instance, or no mark of it. */
  distrust(epoch: Epoch, reason: 'mark' | 'identity'): void {
    if (reason === 'mark') this.#lost = epoch;
    this.#suspicion.notify();
  }

  /** Somebody saw that the row is not what `current` says. */
  suspect(): void {
    this.#suspicion.notify();
  }

  /** The epoch as soon as there is one, or undefined when the time is up. */
  async usable(budgetMs: number): Promise<Epoch | undefined> {
    const { ambient } = this.#parts;
    const endMs = ambient.monotonicMs() + budgetMs;
    while (this.current === undefined && !this.#stopping.signal.aborted) {
      const leftMs = endMs - ambient.monotonicMs();
      if (leftMs <= 0) return undefined;
      await this.#changed.wait(leftMs);
    }
    return this.current;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#suspicion.notify();
    this.#changed.notify();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const { ambient, limits } = this.#parts;
      // After a failure no suspicion hurries it: every read might raise one.
      if (failures === 0) await this.#suspicion.wait(limits.epochPollMs);
      else {
        const { reactivateMinMs: backoffMinMs, epochPollMs: backoffMaxMs } = limits;
        await ambient.wait(retryWaitMs(failures, ambient, { backoffMinMs, backoffMaxMs }));
      }
      if (this.#stopping.signal.aborted) return;
      failures = await this.#step().then(
        () => 0,
        () => failures + 1,
      );
    }
  }

  async #step(): Promise<void> {
    const { register, store } = this.#parts;
    this.#adopt(await register.read());
    if (store.identity === undefined || this.current !== undefined) return;
    if (this.#row?.state === 'active') {
      await this.#pauseBetweenEpochs();
      await register.drain(this.#row.epoch);
    }
    const row = await register.activate(async (number) =>
      store.install(number, this.#parts.ambient.token()),
    );
    this.#activatedAtMs = this.#parts.ambient.monotonicMs();
    this.#adopt(row);
  }

  /** Two processes that see different instances would otherwise replace each other's epoch in a tight loop. */
  async #pauseBetweenEpochs(): Promise<void> {
    const { ambient, limits } = this.#parts;
    const calmMs = ambient.monotonicMs() - this.#activatedAtMs;
    if (calmMs > limits.reactivateMaxMs) this.#reactivateMs = limits.reactivateMinMs;
    if (calmMs >= this.#reactivateMs) return;
    await ambient.wait(this.#reactivateMs - calmMs, this.#stopping.signal);
    this.#reactivateMs = Math.min(this.#reactivateMs * 2, limits.reactivateMaxMs);
  }

  /** What an unfit instance held may be gone, pending entries too: mended, it needs a new epoch. */
  #noteUnfitness(): void {
    if (this.#parts.store.isUnfit && this.#row?.state === 'active') this.#lost = this.#row.epoch;
  }

  #adopt(row: EpochRow): void {
    this.#row = row;
    this.#noteUnfitness();
    this.#changed.notify();
  }
}

function isSame(one: Epoch, other: Epoch | undefined): boolean {
  return one.number === other?.number && one.id === other.id;
}
