import type { Operation } from './operation.ts';

/** What was known of a product when a question was asked: nothing older may be told after that. */
export interface Floor {
  readonly version: number;
  readonly isGone: boolean;
  /** Whose answer it is. */
  readonly by: Operation | undefined;
}

/** How many things were known when something began. */
export type Moment = number;

interface Raise {
  readonly moment: Moment;
  readonly floor: Floor;
}

const unknown: Floor = { version: 0, isGone: false, by: undefined };

/**
 * What all clients together know of each product, at every moment of a run. A question takes the moment at which
 * it is asked, a mere number, and so can be held against all that was known of whatever product its answer names.
 */
export class Knowledge {
  readonly #raises = new Map<number, Raise[]>();
  #now: Moment = 0;

  get now(): Moment {
    return this.#now;
  }

  floor(productId: number, moment: Moment): Floor {
    const raises = this.#raises.get(productId) ?? [];
    return raises.findLast((raise) => raise.moment <= moment)?.floor ?? unknown;
  }

  /** Adds what an answer tells. What is gone stays gone, and no version is forgotten. */
  raise(by: Operation, isGone: boolean): void {
    const known = this.floor(by.productId, this.#now);
    const version = Math.max(by.version ?? 0, known.version);
    if (version === known.version && (!isGone || known.isGone)) return;
    this.#now += 1;
    const raises = this.#raises.get(by.productId) ?? [];
    raises.push({ moment: this.#now, floor: { version, isGone: isGone || known.isGone, by } });
    this.#raises.set(by.productId, raises);
  }

  /** From when to when each product was known to be there; the end is that of the run if it is not known to be gone. */
  lives(): ReadonlyMap<number, { readonly from: Moment; readonly to: Moment }> {
    return new Map(
      [...this.#raises].map(([productId, raises]) => {
        const from = raises[0]?.moment ?? 0;
        const to = raises.find(({ floor }) => floor.isGone)?.moment ?? this.#now + 1;
        return [productId, { from, to }];
      }),
    );
  }
}
