import type { Ambient } from './ambient.ts';
import type { Entries, EntryStore, Untrusted } from './entry-store.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';

export interface EntryLookupParts {
  readonly store: Pick<EntryStore, 'get'>;
  readonly epochs: Pick<EpochKeeper, 'current' | 'distrust'>;
  readonly ambient: Pick<Ambient, 'nowMs'>;
}

/** What the store said about an epoch that held after it had said so. */
export interface Found {
  readonly epoch: Epoch;
  /** Wall-clock time at which it was there. */
  readonly nowMs: number;
  readonly entries: Entries;
}

/** Why nothing that the store may have said counts. */
export interface NotFound {
  readonly reason: 'no epoch' | 'bypass' | 'error';
}

/**
 * Asks the store for entries, and judges whether what it said counts. Whoever shares an answer of the store shares its
 * judgement: it is made after the answer came, so after each of them asked, and holds for all of them.
 */
export class EntryLookup {
  readonly #parts: EntryLookupParts;
  /** What the store was asked last, until it answers. */
  #latest: Asked | undefined;

  constructor(parts: EntryLookupParts) {
    this.#parts = parts;
  }

  /** One round trip to the store. Never throws. */
  find(keys: readonly string[]): Promise<Found | NotFound> {
    const { epochs, store } = this.#parts;
    const epoch = epochs.current;
    if (epoch === undefined) return noEpoch;
    const answer = store.get(epoch, keys);
    if (this.#latest?.answer !== answer) {
      this.#latest = { answer, judgement: this.#judge(epoch, answer) };
    }
    return this.#latest.judgement;
  }

  /**
   * Asked after a reply of the store came, for it may have waited on its way until the epoch was over and
   * others wrote past it.
   */
  trusts(epoch: Epoch): boolean {
    return isSameEpoch(epoch, this.#parts.epochs.current);
  }

  async #judge(epoch: Epoch, answer: Promise<Entries | Untrusted>): Promise<Found | NotFound> {
    const { epochs, ambient } = this.#parts;
    let entries: Entries | Untrusted;
    try {
      entries = await answer;
    } catch {
      return { reason: 'error' };
    } finally {
      // Nobody shares it any more, and it may be large.
      if (this.#latest?.answer === answer) this.#latest = undefined;
    }
    if ('state' in entries) epochs.distrust(epoch, entries.reason);
    else if (this.trusts(epoch)) return { epoch, nowMs: ambient.nowMs(), entries };
    return { reason: 'bypass' };
  }
}

interface Asked {
  readonly answer: Promise<Entries | Untrusted>;
  readonly judgement: Promise<Found | NotFound>;
}

const noEpoch: Promise<NotFound> = Promise.resolve({ reason: 'no epoch' });
