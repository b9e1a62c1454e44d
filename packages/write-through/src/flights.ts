import type { CacheObserver, Flight } from './cache-observer.ts';

/**
 * Shares one load among the reads that may have its answer.
 *
 * A load's answer may be as old as the first message it sends, so a read that begins later may not have it.
 * Reads of a key therefore never join a flight that has taken off: they board the next one together, which
 * takes off when the one in the air has landed. However many read at once, a key has one load under way.
 */
export class Flights<Result> {
  readonly #byKey = new Map<string, FlightsOfKey<Result>>();
  readonly #namespace: string;
  readonly #observer: Pick<CacheObserver, 'joined' | 'flown'> | undefined;

  constructor(namespace: string, observer?: Pick<CacheObserver, 'joined' | 'flown'>) {
    this.#namespace = namespace;
    this.#observer = observer;
  }

  join(key: string, fly: () => Promise<Result>): Promise<Result> {
    const flights = this.#byKey.get(key);
    if (flights === undefined) return this.#takeOff(key, this.#newFlight(), fly);
    if (flights.boarding === undefined) {
      const flight = this.#newFlight();
      const answer = landed(flights.inAir).then(async () => this.#takeOff(key, flight, fly));
      flights.boarding = { flight, answer };
    } else {
      this.#observer?.joined(flights.boarding.flight);
    }
    return flights.boarding.answer;
  }

  #newFlight(): Flight {
    return { namespace: this.#namespace };
  }

  async #takeOff(key: string, flight: Flight, fly: () => Promise<Result>): Promise<Result> {
    const inAir = this.#observer === undefined ? fly() : this.#observer.flown(flight, fly);
    const flights: FlightsOfKey<Result> = { inAir };
    this.#byKey.set(key, flights);
    try {
      return await flights.inAir;
    } finally {
      if (flights.boarding === undefined) this.#byKey.delete(key);
    }
  }
}

interface FlightsOfKey<Result> {
  readonly inAir: Promise<Result>;
  boarding?: { readonly flight: Flight; readonly answer: Promise<Result> };
}

async function landed(flight: Promise<unknown>): Promise<void> {
  await Promise.allSettled([flight]);
}
