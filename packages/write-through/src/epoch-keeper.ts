import type { Ambient } from './ambient.ts';
import { retryWaitMs } from './backoff.ts';
import type { EpochReading, EpochRegister } from './epoch-register.ts';
import { type Epoch, epochNumber, type EpochRow, isSameEpoch } from './epoch.ts';
import type { EntryStore } from './entry-store.ts';
import type { Limits } from './limits.ts';
import { Signal } from './signal.ts';
import { StoreDoubt } from './store-doubt.ts';
import { TrustLease } from './trust-lease.ts';

/** What becomes of writes while the store cannot be used: refused, or done without it. */
export type OnFailure = 'reject' | 'degrade';

export interface EpochKeeperParts {
  readonly store: EntryStore;
  readonly register: EpochRegister;
  readonly onFailure: OnFailure;
  readonly ambient: Ambient;
  readonly limits: Limits;
}

/**
 * Knows whether the store can be trusted, and moves the epoch row on when it could not be:
 *
 *     active → draining → active      a new epoch, once the store can be used
 *     active → draining → bypass → active      with `degrade`, while it cannot
 *
 * One loop renews the trust lease; another looks into what is wrong. It compares the store's identity with
 * the epoch's, and is told by readers and writers of missing marks and failed intents. After `draining` it
 * waits for a whole trust lease, so that nobody reads under the old epoch any more. A new epoch begins under
 * the exclusive lock, which waits for every writer: one that began in bypass could otherwise commit after a
 * reader filled its entry. Any process may do each step; the row and the lock let exactly one.
 *
 * While the store is away and nobody has to write, nothing is changed: the epoch goes on if the same instance
 * comes back with its marks.
 */
export class EpochKeeper implements AsyncDisposable {
  readonly #parts: EpochKeeperParts;
  readonly #lease: TrustLease;
  readonly #doubt: StoreDoubt;
  /** Something to look into, for the loop. */
  readonly #suspicion: Signal;
  /** What may be used may have changed, for those who wait for it. */
  readonly #changed: Signal;
  readonly #stopping = new AbortController();
  /** An epoch whose marks were not found in the store. */
  #lost: Epoch | undefined;
  /** An epoch under which a write could not place its intents, and when. */
  #surrendered: { readonly epoch: Epoch; readonly atMs: number } | undefined;
  /** Since when the row is known to be draining under that number. */
  #draining: { readonly number: number; readonly sinceMs: number } | undefined;
  readonly #listeners: ((row: EpochRow) => void)[] = [];
  /** The last attempt to begin an epoch in the store, and whether the store did not take it. */
  #attemptedAtMs = Number.NEGATIVE_INFINITY;
  #isRefused = false;
  #reactivateMs: number;
  #loops: Promise<unknown> | undefined;

  constructor(parts: EpochKeeperParts) {
    this.#parts = parts;
    this.#lease = new TrustLease(parts);
    this.#suspicion = new Signal(parts.ambient);
    this.#changed = new Signal(parts.ambient);
    this.#doubt = new StoreDoubt(parts);
    this.#reactivateMs = parts.limits.reactivateMinMs;
  }

  /** The epoch whose entries may be answered from at this moment; undefined means PostgreSQL alone. */
  get current(): Epoch | undefined {
    return this.#lease.isHeld ? this.#usable : undefined;
  }

  get row(): EpochRow | undefined {
    return this.#lease.reading?.row;
  }

  /** Called whenever the row has moved on, as this process hears of it. */
  onRowChange(listener: (row: EpochRow) => void): void {
    this.#listeners.push(listener);
  }

  /** Whether the process has a fresh word of PostgreSQL on the epoch. */
  get isLeaseHeld(): boolean {
    return this.#lease.isHeld;
  }

  /** For how long that word may still be believed; 0 if it may not. */
  get leaseLeftMs(): number {
    return this.#lease.leftMs;
  }

  /** Whether other processes can use the store and this one cannot. */
  get isIsolated(): boolean {
    return this.#doubt.isAlone;
  }

  /** Returns when an epoch can be used, or after a while without one; goes on in the background. */
  async start(): Promise<void> {
    this.#parts.store.onIdentityChange(() => {
      this.#noteUnfitness();
      this.#suspicion.notify();
      this.#changed.notify();
    });
    this.#loops = Promise.all([this.#renewLoop(), this.#driveLoop()]);
    await this.#waitUntil(() => this.current !== undefined, this.#parts.limits.startWaitMs);
  }

  /** An operation under this epoch found another instance, or no mark of it. */
  distrust(epoch: Epoch, reason: 'mark' | 'identity'): void {
    if (reason === 'mark') this.#lost = epoch;
    this.#suspicion.notify();
  }

  /** A write found the row in another state than this process knows. */
  suspect(): void {
    this.#suspicion.notify();
  }

  /** A write could not place its intents in time, under this epoch. */
  surrender(epoch: Epoch): void {
    this.#surrendered = { epoch, atMs: this.#parts.ambient.monotonicMs() };
    this.#suspicion.notify();
  }

  /**
   * Whether a write may begin, with the store or in bypass. Waits while an epoch changes, but holds nothing. With
   * `reject`, a store that is away for longer than a blip is the end of it; with `degrade`, the others are
   * asked and the store is left.
   */
  async writable(): Promise<boolean> {
    const { limits, onFailure, store } = this.#parts;
    if (await this.#waitUntil(() => this.#canWrite, limits.intendBudgetMs)) return true;
    if (onFailure === 'degrade' && this.row?.state === 'active') this.surrender(this.row.epoch);
    const isHopeless = () =>
      onFailure === 'reject' ? store.identity === undefined : this.isIsolated;
    await this.#waitUntil(() => this.#canWrite || isHopeless(), limits.epochChangeBudgetMs);
    return this.#canWrite;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#suspicion.notify();
    this.#changed.notify();
    await this.#loops;
  }

  /** The epoch of the row, if the store that answers is its. */
  get #usable(): Epoch | undefined {
    const { row } = this;
    return row?.state === 'active' &&
      row.epoch.storeIdentity === this.#parts.store.identity &&
      !isSameEpoch(row.epoch, this.#lost)
      ? row.epoch
      : undefined;
  }

  /** A writer reads the row anew under its lock, so it needs no lease. */
  get #canWrite(): boolean {
    return this.#usable !== undefined || this.row?.state === 'bypass';
  }

  async #waitUntil(isSo: () => boolean, budgetMs: number): Promise<boolean> {
    const { ambient } = this.#parts;
    const endMs = ambient.monotonicMs() + budgetMs;
    while (!isSo() && !this.#stopping.signal.aborted) {
      const leftMs = endMs - ambient.monotonicMs();
      if (leftMs <= 0) return false;
      await this.#changed.wait(leftMs);
    }
    return isSo();
  }

  async #renewLoop(): Promise<void> {
    const { ambient, limits } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      const dueMs = ambient.monotonicMs() + limits.trustLeaseMs / 3;
      // Without an answer the lease ends by itself.
      await this.#renew().catch(() => undefined);
      if (!this.#isCalm) this.#suspicion.notify();
      await this.#pause(dueMs - ambient.monotonicMs());
    }
  }

  get #isCalm(): boolean {
    return this.current !== undefined && !this.#hasSurrendered && !this.#isDoubted;
  }

  async #driveLoop(): Promise<void> {
    const { ambient, limits } = this.#parts;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      // After a failure no suspicion hurries it: every read might raise one.
      if (failures === 0) await this.#suspicion.wait(limits.trustLeaseMs);
      else {
        const { reactivateMinMs: backoffMinMs, trustLeaseMs: backoffMaxMs } = limits;
        await this.#pause(retryWaitMs(failures, ambient, { backoffMinMs, backoffMaxMs }));
      }
      if (this.#stopping.signal.aborted) return;
      failures = await this.#step().then(
        () => 0,
        () => failures + 1,
      );
    }
  }

  async #step(): Promise<void> {
    const { row } = await this.#renew();
    switch (row.state) {
      case 'active':
        return this.#examine(row.epoch);
      case 'draining':
        return this.#leaveDraining(row.number);
      case 'bypass':
        return this.#leaveBypass(row.number);
    }
  }

  async #examine(epoch: Epoch): Promise<void> {
    const { store } = this.#parts;
    if (store.identity !== undefined && this.#usable === undefined) {
      await this.#pauseBetweenEpochs();
      return this.#drain(epoch);
    }
    if (store.identity === undefined || this.#hasSurrendered) return this.#question(epoch);
    this.#doubt.clear();
    if (this.#isDoubted) await this.#vouch(epoch);
  }

  async #drain(epoch: Epoch): Promise<void> {
    await this.#parts.register.drain(epoch);
    this.#suspicion.notify();
  }

  /** With `degrade`, the store is left once a write needs that and nobody vouches for it. */
  async #question(epoch: Epoch): Promise<void> {
    if (this.#parts.onFailure === 'reject') return;
    const waitMs = await this.#doubt.judge(epoch, this.#lease.reading?.doubt);
    this.#changed.notify();
    if (!this.#hasSurrendered) return;
    if (waitMs === 0) return this.#drain(epoch);
    await this.#pause(waitMs);
    this.#suspicion.notify();
  }

  async #leaveDraining(number: number): Promise<void> {
    const { store, register, onFailure, limits } = this.#parts;
    if (number > 0) await this.#pause(this.#leasesEndInMs(number));
    const canBypass = onFailure === 'degrade';
    if (store.identity !== undefined) {
      const lockWaitMs = canBypass ? limits.rejoinLimitMs : limits.drainLimitMs;
      const isActive = await this.#activate(number, lockWaitMs).then(
        () => true,
        (err: unknown) => {
          if (!canBypass) throw err;
          return false;
        },
      );
      if (isActive) return;
    }
    if (canBypass) await register.bypass(number);
    await this.#renew();
  }

  async #leaveBypass(number: number): Promise<void> {
    if (this.#parts.store.identity === undefined) return;
    await this.#pauseBetweenEpochs();
    await this.#activate(number, this.#parts.limits.rejoinLimitMs);
  }

  async #activate(number: number, lockWaitMs: number): Promise<void> {
    const { register, store, ambient } = this.#parts;
    await register.activate(number, lockWaitMs, async () => {
      this.#attemptedAtMs = ambient.monotonicMs();
      this.#isRefused = true;
      return store.install(number, ambient.token());
    });
    this.#attemptedAtMs = ambient.monotonicMs();
    this.#isRefused = false;
    this.#doubt.clear();
    this.#surrendered = undefined;
    await this.#renew();
  }

  /**
   * Two processes that see different instances would otherwise replace each other's epoch in a tight loop; and a store
   * that takes no marks would be tried all the time, while each try holds up the writers.
   */
  async #pauseBetweenEpochs(): Promise<void> {
    const { ambient, limits } = this.#parts;
    const calmMs = ambient.monotonicMs() - this.#attemptedAtMs;
    if (!this.#isRefused) {
      if (calmMs > limits.reactivateMaxMs) this.#reactivateMs = limits.reactivateMinMs;
      if (calmMs >= this.#reactivateMs) return;
    }
    await this.#pause(this.#reactivateMs - calmMs);
    this.#reactivateMs = Math.min(this.#reactivateMs * 2, limits.reactivateMaxMs);
  }

  /** A write of ours that failed lately; those that come after it have not succeeded. */
  get #hasSurrendered(): boolean {
    const { ambient, limits } = this.#parts;
    const { row } = this;
    return (
      this.#surrendered !== undefined &&
      row?.state === 'active' &&
      isSameEpoch(row.epoch, this.#surrendered.epoch) &&
      ambient.monotonicMs() - this.#surrendered.atMs < 2 * limits.trustLeaseMs
    );
  }

  /** Whether somebody doubts the store and nobody has answered. */
  get #isDoubted(): boolean {
    const doubt = this.#lease.reading?.doubt;
    return doubt !== undefined && (doubt.vouchedAtMs ?? 0) <= doubt.raisedAtMs;
  }

  /** Writes to many entries, so that every node of a store has to take one. */
  async #vouch(epoch: Epoch): Promise<void> {
    const { store, register, ambient, limits } = this.#parts;
    const probes = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const token = ambient.token();
        return store.lease(epoch, `probe:${token}`, { token, lifeMs: limits.trustLeaseMs });
      }),
    );
    if (probes.every(({ state }) => state === 'lease')) await register.vouch(epoch);
  }

  async #renew(): Promise<EpochReading> {
    const before = this.row;
    const reading = await this.#lease.renew();
    const { row } = reading;
    if (row.state !== before?.state || epochNumber(row) !== epochNumber(before)) {
      for (const listener of this.#listeners) listener(row);
    }
    if (row.state !== 'draining') this.#draining = undefined;
    else if (this.#draining?.number !== row.number) {
      this.#draining = { number: row.number, sinceMs: this.#parts.ambient.monotonicMs() };
    }
    this.#noteUnfitness();
    this.#changed.notify();
    return reading;
  }

  /** Until then somebody who read the row before it was draining may still believe it. */
  #leasesEndInMs(number: number): number {
    const { ambient, limits } = this.#parts;
    if (this.#draining?.number !== number) return limits.trustLeaseMs;
    return this.#draining.sinceMs + limits.trustLeaseMs - ambient.monotonicMs();
  }

  /** What an unfit instance held may be gone, pending entries too: mended, it needs a new epoch. */
  #noteUnfitness(): void {
    if (this.#parts.store.isUnfit && this.row?.state === 'active') this.#lost = this.row.epoch;
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    await this.#parts.ambient.wait(ms, this.#stopping.signal).catch(() => undefined);
  }
}
