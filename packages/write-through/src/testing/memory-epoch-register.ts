import type { Ambient } from '../ambient.ts';
import type { Doubt, EpochReading, EpochRegister } from '../epoch-register.ts';
import { type Epoch, epochNumber, type EpochRow, isSameEpoch } from '../epoch.ts';
import type { MemoryLock } from './memory-lock.ts';

/** Longest pause while the lock is held, as PostgreSQL allows it. */
const installLimitMs = 3_000;

/** The epoch row and its lock in memory. */
export class MemoryEpochRegister implements EpochRegister {
  readonly #lock: MemoryLock;
  readonly #ambient: Pick<Ambient, 'nowMs' | 'wait'>;
  #row: EpochRow = { state: 'draining', number: 0 };
  #raisedAtMs: number | undefined;
  #vouchedAtMs: number | undefined;

  constructor(lock: MemoryLock, ambient: Pick<Ambient, 'nowMs' | 'wait'>) {
    this.#lock = lock;
    this.#ambient = ambient;
  }

  /** As it stands at this moment, for those who hold the lock. */
  get row(): EpochRow {
    return this.#row;
  }

  /** As if it had been activated long ago. */
  begin(epoch: Epoch): void {
    this.#row = { state: 'active', epoch };
  }

  async read(): Promise<EpochReading> {
    return { row: this.#row, doubt: this.#doubt };
  }

  async drain(epoch: Epoch): Promise<void> {
    if (this.#isActive(epoch)) this.#row = { state: 'draining', number: epoch.number };
  }

  async bypass(number: number): Promise<void> {
    if (this.#row.state === 'draining' && this.#row.number === number) {
      this.#row = { state: 'bypass', number };
    }
  }

  async activate(number: number, lockWaitMs: number, install: () => Promise<Epoch>): Promise<void> {
    const owner = {};
    const isOver = new AbortController();
    try {
      await this.#within(lockWaitMs, isOver.signal, this.#lock.acquire(owner, 'exclusive'));
      if (this.#row.state !== 'active' && epochNumber(this.#row) === number) {
        const epoch = await this.#within(installLimitMs, isOver.signal, install());
        this.#row = { state: 'active', epoch };
        this.#raisedAtMs = undefined;
        this.#vouchedAtMs = undefined;
      }
    } finally {
      isOver.abort();
      this.#lock.release(owner);
    }
  }

  async doubt(epoch: Epoch): Promise<Doubt | undefined> {
    if (!this.#isActive(epoch)) return undefined;
    this.#raisedAtMs = this.#ambient.nowMs();
    return this.#doubt;
  }

  async vouch(epoch: Epoch): Promise<void> {
    if (this.#isActive(epoch)) this.#vouchedAtMs = this.#ambient.nowMs();
  }

  get #doubt(): Doubt | undefined {
    if (this.#raisedAtMs === undefined) return undefined;
    return { raisedAtMs: this.#raisedAtMs, vouchedAtMs: this.#vouchedAtMs };
  }

  #isActive(epoch: Epoch): boolean {
    return this.#row.state === 'active' && isSameEpoch(epoch, this.#row.epoch);
  }

  async #within<Result>(
    limitMs: number,
    signal: AbortSignal,
    work: Promise<Result>,
  ): Promise<Result> {
    const late = this.#ambient.wait(limitMs, signal).then(() => {
      throw new Error('The database ended what took too long.');
    });
    return Promise.race([work, late]);
  }
}
