import type { ChangeLog } from '../change-log.ts';
import type { LoggedChange } from '../product-change.ts';

/** A log without a database: what was added is numbered once somebody advances it. */
export class MemoryChangeLog implements ChangeLog {
  /** How often it was asked, by what. */
  readonly asked = { last: 0, advance: 0, after: 0 };
  /** Thrown by every method while set. */
  failure: Error | null = null;
  #changes: LoggedChange[] = [];
  #waiting: number[] = [];
  #last = 0;

  /** Changes of these products, as if committed now. */
  commit(...ids: readonly number[]): void {
    this.#waiting.push(...ids);
  }

  /** Deletes what was logged up to this number. */
  forget(number: number): void {
    this.#changes = this.#changes.filter((change) => change.number > number);
  }

  /** As a backup has it that was made after this number. */
  setBack(number: number): void {
    this.#changes = this.#changes.filter((change) => change.number <= number);
    this.#last = number;
  }

  async last(): Promise<number> {
    this.#ask('last');
    return this.#last;
  }

  async advance(): Promise<number> {
    this.#ask('advance');
    for (const id of this.#waiting.splice(0)) this.#changes.push(changeOf(id, (this.#last += 1)));
    return this.#last;
  }

  async after(number: number, countMax: number): Promise<LoggedChange[]> {
    this.#ask('after');
    return this.#changes.filter((change) => change.number > number).slice(0, countMax);
  }

  #ask(what: keyof typeof this.asked): void {
    this.asked[what] += 1;
    if (this.failure) throw this.failure;
  }
}

/** Its version is its number. */
function changeOf(id: number, number: number): LoggedChange {
  const changedAt = '2026-01-01T00:00:00.000Z';
  return { number, event: { type: 'changed', id, version: number, categoryId: 1, changedAt } };
}
