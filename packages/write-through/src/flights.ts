/**
 * Shares one load among the reads that may have its answer.
 *
 * A load's answer may be as old as the first message it sends, so a read that begins later may not have it.
 * Reads of a key therefore never join a flight that has taken off: they board the next one together, which
 * takes off when the one in the air has landed. However many read at once, a key has one load under way.
 */
export class Flights<Result> {
  readonly #byKey = new Map<string, { inAir: Promise<Result>; boarding?: Promise<Result> }>();

  join(key: string, fly: () => Promise<Result>): Promise<Result> {
    const flights = this.#byKey.get(key);
    if (flights === undefined) return this.#takeOff(key, fly);
    flights.boarding ??= landed(flights.inAir).then(async () => this.#takeOff(key, fly));
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
