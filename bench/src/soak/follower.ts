import { createClient } from '@throughline/client';
import { setTimeout as delay } from 'node:timers/promises';

/** Follows every change through a whole run, as another service would, and says what it was not told as it should be. */
export class Follower implements Disposable {
  /** Changes that it was told. */
  changes = 0;
  /** What it should have been told otherwise, in words. */
  readonly unexpected: string[] = [];
  readonly #subscription: { unsubscribe(): void };
  #last: number | undefined;
  #waiting: { readonly for: number; readonly resolve: () => void } | undefined;

  constructor(trpcUrl: string, token: string) {
    this.#subscription = createClient({ url: trpcUrl, token }).product.changes.subscribe(
      {},
      {
        onData: ({ id, data }) => this.#take(Number(id), data.type),
        onError: (err) => this.#tell(`A subscription ended: ${err.message}`),
      },
    );
  }

  /** Waits for the change with this number, and says so if it is not told in time. */
  async until(number: number, withinMs: number): Promise<void> {
    if ((this.#last ?? -1) >= number) return;
    const { promise: told, resolve } = Promise.withResolvers<void>();
    this.#waiting = { for: number, resolve };
    const late = delay(withinMs, 'late', { ref: false });
    if ((await Promise.race([told, late])) !== 'late') return;
    this.#tell(`A follower was told up to ${this.#last}, and not ${number}`);
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }

  /** Changes have numbers without gaps, and who has caught up is told the number of the last one. */
  #take(number: number, type: string): void {
    const isChange = type !== 'caught-up';
    const due = this.#last === undefined ? number : this.#last + Number(isChange);
    if (number !== due) this.#tell(`A follower was told ${type} ${number} instead of ${due}`);
    this.#last = number;
    if (isChange) this.changes += 1;
    if (this.#waiting !== undefined && number >= this.#waiting.for) this.#waiting.resolve();
  }

  #tell(what: string): void {
    if (this.unexpected.length < 100) this.unexpected.push(what);
  }
}
