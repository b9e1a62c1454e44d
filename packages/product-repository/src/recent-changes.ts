import type { LoggedChange } from './product-change.ts';

/** The latest changes of the log, without a gap, and not more than so many by much. */
export class RecentChanges {
  readonly #countMax: number;
  #changes: LoggedChange[] = [];
  #end: number | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** The number up to which all is known; undefined while nothing is. */
  get end(): number | undefined {
    return this.#end;
  }

  /** Forgets all, and goes on after this number; without one, nothing is known any more. */
  restart(end?: number): void {
    this.#changes = [];
    this.#end = end;
  }

  /** What follows the end. */
  add(changes: readonly LoggedChange[]): void {
    for (const change of changes) this.#changes.push(change);
    this.#end = changes.at(-1)?.number ?? this.#end;
    // A quarter more at times, as taking off the first of an array costs as much as it is long.
    const excess = this.#changes.length - this.#countMax;
    if (excess * 4 > this.#countMax) this.#changes.splice(0, excess);
  }

  /** What follows a number, at most so many; undefined where that is not known here. */
  after(number: number, countMax: number): readonly LoggedChange[] | undefined {
    if (this.#end === undefined || number > this.#end) return undefined;
    const first = number - (this.#end - this.#changes.length);
    return first < 0 ? undefined : this.#changes.slice(first, first + countMax);
  }
}
