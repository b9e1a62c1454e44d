import type { Fault } from './fault.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

export interface Scheduled<S extends Store> {
  readonly name: string;
  readonly fault: Fault<S>;
}

/** How many rounds have two faults at once. */
const twoAtOnceRatio = 0.4;

/** Draws faults from a seed, each once before any is drawn again: one for a round, or two that break different things. */
export class Schedule<S extends Store> {
  readonly #faults: readonly Scheduled<S>[];
  readonly #random: Random;
  #left: Scheduled<S>[] = [];

  constructor(faults: Readonly<Record<string, Fault<S>>>, random: Random) {
    this.#faults = Object.entries(faults).map(([name, fault]) => ({ name, fault }));
    this.#random = random;
  }

  /** Empty if there are no faults. */
  next(): readonly Scheduled<S>[] {
    if (this.#left.length === 0) this.#left = this.#random.shuffled(this.#faults);
    const isDouble = this.#random.next() < twoAtOnceRatio;
    const first = this.#left.shift();
    if (first === undefined) return [];
    const second = isDouble ? this.#left.find((other) => areApart(first, other)) : undefined;
    if (second === undefined) return [first];
    this.#left = this.#left.filter((other) => other !== second);
    return [first, second];
  }
}

function areApart<S extends Store>(one: Scheduled<S>, other: Scheduled<S>): boolean {
  return other.fault.breaks.every((part) => !one.fault.breaks.includes(part));
}
