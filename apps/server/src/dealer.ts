import { createServer, type Socket } from 'node:net';
import { limits } from './limits.ts';
import { listen, type Place } from './listen.ts';

/** A worker, as the dealer sees it. */
export interface Taker {
  /** Whether it serves what it is dealt. */
  readonly isTaking: boolean;
  /**
   * Hands it a copy of the connection. `gone`: the copy is with it, or was lost with it. `kept`: it never left, and another may
   * have it.
   */
  take(connection: Socket): Promise<'gone' | 'kept'>;
}

/** How many connections wait for a worker at most, and for how long. */
export type DealerBounds = Readonly<Record<'waitingMax' | 'waitingMs', number>>;

/**
 * What became of connections so far: `dealt` to a worker; closed, as too many waited for one (`full`), or as none took it in time
 * (`late`).
 */
export type DealtOutcome = 'dealt' | 'full' | 'late';

/**
 * Accepts connections at a port and deals them to the workers in turn, reading nothing from them.
 *
 * A worker gets its next connection when it has the one before, so one that stands still holds up a single client. Until then
 * the connection is ours too, and is closed by us if the worker ends: otherwise nobody would tell its client. It is dealt to
 * nobody else, as the worker may have read from it. What no worker can take waits here.
 */
export class Dealer implements AsyncDisposable {
  readonly #server = createServer({ pauseOnConnect: true }, (one) => this.#receive(one));
  readonly #takers: Taker[] = [];
  readonly #waiting = new Set<Socket>();
  readonly #bounds: DealerBounds;
  readonly #counts: Record<DealtOutcome, number> = { dealt: 0, full: 0, late: 0 };

  constructor(bounds: DealerBounds = limits) {
    this.#bounds = bounds;
  }

  get counts(): Readonly<Record<DealtOutcome, number>> {
    return this.#counts;
  }

  /** Resolves with the URL of the open port; rejects when it cannot be opened. */
  async open(place: Place): Promise<string> {
    return listen(this.#server, place);
  }

  /** From now on it has its turn, for as long as it takes. */
  add(taker: Taker): void {
    this.#takers.push(taker);
    this.#deal();
  }

  /** Accepts no more, and closes what no worker has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const connection of this.#waiting) connection.destroy();
  }

  #receive(connection: Socket): void {
    // Of one client no more than one connection may fail.
    connection.on('error', () => connection.destroy());
    if (this.#waiting.size < this.#bounds.waitingMax) return this.#wait(connection);
    this.#counts.full += 1;
    connection.destroy();
  }

  #wait(connection: Socket): void {
    this.#waiting.add(connection);
    this.#deal();
    if (!this.#waiting.has(connection)) return;
    connection.setTimeout(this.#bounds.waitingMs, () => {
      // Of an earlier wait, if a worker was to take it and could not.
      if (!this.#waiting.delete(connection)) return;
      this.#counts.late += 1;
      connection.destroy();
    });
  }

  #deal(): void {
    for (const connection of this.#waiting) {
      const taker = this.#next();
      if (taker === undefined) return;
      this.#waiting.delete(connection);
      connection.setTimeout(0);
      void this.#hand(connection, taker);
    }
  }

  #next(): Taker | undefined {
    let taker = this.#takers.shift();
    while (taker?.isTaking === false) taker = this.#takers.shift();
    return taker;
  }

  async #hand(connection: Socket, taker: Taker): Promise<void> {
    const outcome = await taker.take(connection);
    if (outcome === 'kept' && this.#server.listening) {
      this.#wait(connection);
      return;
    }
    connection.destroy();
    if (outcome === 'kept') return;
    this.#counts.dealt += 1;
    this.add(taker);
  }
}
