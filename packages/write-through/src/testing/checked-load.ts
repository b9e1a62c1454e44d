import { setTimeout as delay } from 'node:timers/promises';
import { CacheUnavailableError, DatabaseUnavailableError } from '../errors.ts';
import { checkHistory, type Operation, type Violation } from './history.ts';
import type { RegisterBed } from './register-bed.ts';

const registers = 20;
const readers = 30;
const writers = 6;

/** Readers and writers on the registers of several engines, whose history is checked in the end. */
export class CheckedLoad implements AsyncDisposable {
  readonly #beds: readonly RegisterBed[];
  readonly #history: Operation[] = [];
  readonly #outcomes = new Map<string, number>();
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(beds: readonly RegisterBed[]) {
    this.#beds = beds;
    this.#running = Promise.all([
      ...Array.from({ length: readers }, async (_, index) => this.#read(index)),
      ...Array.from({ length: writers }, async (_, index) => this.#write(index)),
    ]);
  }

  /** How many reads had this outcome, or how many writes were `written` or `refused`. */
  count(outcome: string): number {
    return this.#outcomes.get(outcome) ?? 0;
  }

  /**
   * Ends it; what contradicts the promise, and the ids of registers whose version is not that of the writes that
   * were acknowledged. Throws what no reader or writer should have met.
   */
  async stop(): Promise<{ readonly violations: Violation[]; readonly miscounted: number[] }> {
    this.#ending.abort();
    await this.#running;
    const written = this.#history.filter(({ kind }) => kind === 'write');
    const miscounted: number[] = [];
    for (let id = 1; id <= registers; id += 1) {
      const version = 1 + written.filter(({ key }) => key === String(id)).length;
      if ((await this.#bed(0).stored(id))?.version !== version) miscounted.push(id);
    }
    return { violations: checkHistory(this.#history), miscounted };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled([this.#running]);
  }

  async #read(index: number): Promise<void> {
    for (let turn = index; !this.#ending.signal.aborted; turn += 1) {
      const first = 1 + (turn % registers);
      const ids = [first, 1 + (first % registers)];
      const beganMs = performance.now();
      const results = await this.#bed(turn).registers.readMany(ids).catch(refusal);
      const endedMs = performance.now();
      for (const [place, { value, outcome }] of (results ?? []).entries()) {
        this.#tally(outcome);
        const version = value?.text === 'first' ? 1 : Number(value?.text);
        this.#history.push({ kind: 'read', key: String(ids[place]), version, beganMs, endedMs });
      }
      // Reads that are answered from memory all the time would leave no turn to anything else.
      await delay(Math.random() * 5);
    }
  }

  async #write(index: number): Promise<void> {
    for (let turn = index; !this.#ending.signal.aborted; turn += 7) {
      const id = 1 + (turn % registers);
      const beganMs = performance.now();
      // Refused writes change nothing; the count of versions in the end would tell.
      const how = turn % 2 === 0 ? 'at once' : 'in steps';
      const version = await this.#bed(turn).increment(id, how).catch(refusal);
      const endedMs = performance.now();
      if (version === undefined) this.#tally('refused');
      else {
        this.#history.push({ kind: 'write', key: String(id), version, beganMs, endedMs });
        this.#tally('written');
      }
      await delay(Math.random() * 40);
    }
  }

  #bed(turn: number): RegisterBed {
    const bed = this.#beds[turn % this.#beds.length];
    if (bed === undefined) throw new Error('There is no engine.');
    return bed;
  }

  #tally(outcome: string): void {
    this.#outcomes.set(outcome, this.count(outcome) + 1);
  }
}

/** A store was away, or too slow on a busy machine: nothing was answered, so nothing can be wrong. */
function refusal(err: unknown): undefined {
  if (err instanceof CacheUnavailableError || err instanceof DatabaseUnavailableError) {
    return undefined;
  }
  throw err;
}
