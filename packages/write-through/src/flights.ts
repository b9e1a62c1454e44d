/**
 * Shares one load among the reads that may have its answer.
 *
 * A load's answer may be as old as the first message it sends, so a read that begins later may not have it.
 * Reads of a key therefore never join a flight that has taken off: they board the next one together, which
 * takes off when the one in the air has landed. However many read at once, a key has one load under way.
 */
export class Flights<Result> {
  readonly #byKey = new Map<string, { inAir: Promise<Result>; boarding?: Promise<Result> }>();
  readonly #onShared: () => void;

  /** `onShared` is told of every read that boards a flight which another one boarded before it. */
  constructor(onShared: () => void = () => undefined) {
    this.#onShared = onShared;
  }

  join(key: string, fly: () => Promise<Result>): Promise<Result> {
    const flights = this.#byKey.get(key);
    if (flights === undefined) return this.#takeOff(key, fly);
    if (flights.boarding === undefined) {
      flights.boarding = landed(flights.inAir).then(async () => this.#takeOff(key, fly));
    } else {
      this.#onShared();
    }
    return flights.boarding;
  }

  async #takeOff(key: string, fly: () => Promise<Result>): Promise<Result> {
    const flights: { inAir: Promise<Result>; boarding?: Promise<Result> } = { inAir: fly() };
    this.#byKey.set(key, flights);
    try {
      return await flights.inAir;
    } finally {
      if (flights.boarding === undefined) this.#byKey.delete(key);
    }
  }
}

async function landed(flight: Promise<unknown>): Promise<void> {
  await Promise.allSettled([flight]);
}
