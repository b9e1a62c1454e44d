import { decodeEntry } from '../entry-frame.ts';
import type { Entry } from '../entry.ts';
import type { Untrusted } from '../entry-store.ts';
import { type Epoch, epochMark, isSameEpoch } from '../epoch.ts';
import { fetchedKeysMax } from '../limits.ts';
import type { Bucket, KeySpace } from './key-space.ts';

/** Sends one MGET to the instance that owns the slot, if `identity` is that of now; throws as a topology does. */
export type SendMget = (identity: string, names: string[], slot: number) => Promise<Reply>;

type Reply = readonly (string | Buffer | null)[] | Untrusted;

/**
 * Collects what is asked for in one turn of the event loop into one MGET, which names each entry once. On a cluster
 * it is one MGET for each slot; those of a node go there in one write.
 *
 * Beside the entries it names one mark, that of the first entry's bucket. What one command reads is of one instance, which
 * loses its entries and its marks together; and nobody writes in a new epoch before all of its marks stand.
 *
 * A fetch takes keys until the moment it is sent and none afterwards, so each answer is of a moment that comes
 * after its question. A missing mark fails all that share the fetch: it ends the epoch, whoever asked.
 */
export class FetchBatch {
  readonly #keys: KeySpace;
  readonly #spansSlots: boolean;
  readonly #send: SendMget;
  /** Those that still take keys, by slot; where a command may name several slots there is one. */
  readonly #open = new Map<number, Fetch>();

  /** `spansSlots`: whether one command may name keys of several slots. */
  constructor(keys: KeySpace, spansSlots: boolean, send: SendMget) {
    this.#keys = keys;
    this.#spansSlots = spansSlots;
    this.#send = send;
  }

  /** Throws when a fetch that holds one of the keys fails. */
  async get(epoch: Epoch, keys: readonly string[]): Promise<Entry[] | Untrusted> {
    const seats = keys.map((key) => this.#board(epoch, key));
    const entries: Entry[] = [];
    let last: Fetch | undefined;
    let fetched: readonly Entry[] = [];
    for (const { fetch, index } of seats) {
      if (fetch !== last) {
        last = fetch;
        const answer = await fetch.entries;
        if ('state' in answer) return answer;
        fetched = answer;
      }
      entries.push(fetched[index] ?? { state: 'absent' });
    }
    return entries;
  }

  #board(epoch: Epoch, key: string): Seat {
    const bucket = this.#keys.bucketOf(key);
    const slot = this.#spansSlots ? 0 : bucket.slot;
    const open = this.#open.get(slot);
    const fetch = open?.takes(epoch) === true ? open : this.#openFetch(epoch, bucket, slot);
    return { fetch, index: fetch.add(key, bucket) };
  }

  #openFetch(epoch: Epoch, first: Bucket, slot: number): Fetch {
    const fetch = new Fetch(epoch, first, async (names) => {
      if (this.#open.get(slot) === fetch) this.#open.delete(slot);
      return this.#send(epoch.storeIdentity, names, slot);
    });
    this.#open.set(slot, fetch);
    return fetch;
  }
}

/** Where the answer to one key will be. */
interface Seat {
  readonly fetch: Fetch;
  readonly index: number;
}

/** One MGET, which is sent at the end of the turn in which it was opened. */
class Fetch {
  /** In the order of their indexes. */
  readonly entries: Promise<readonly Entry[] | Untrusted>;
  readonly #epoch: Epoch;
  readonly #mark: string;
  readonly #indexes = new Map<string, number>();
  /** A mark, and then entries. */
  readonly #names: string[] = [];

  /** `first`: the bucket of the first key that it will be given. */
  constructor(epoch: Epoch, first: Bucket, send: (names: string[]) => Promise<Reply>) {
    this.#epoch = epoch;
    this.#mark = epochMark(epoch);
    this.#names.push(first.mark);
    this.entries = new Promise((resolve) => {
      setImmediate(() => resolve(this.#run(send)));
    });
    // Whoever asks for several waits for one after the other, and may be gone when the next one fails.
    this.entries.catch(() => undefined);
  }

  takes(epoch: Epoch): boolean {
    if (this.#indexes.size >= fetchedKeysMax) return false;
    return isSameEpoch(this.#epoch, epoch) && this.#epoch.storeIdentity === epoch.storeIdentity;
  }

  /** The index of its answer. */
  add(key: string, bucket: Bucket): number {
    const index = this.#indexes.get(key);
    if (index !== undefined) return index;
    const next = this.#names.push(`${bucket.tag}:${this.#mark}:${key}`) - 2;
    this.#indexes.set(key, next);
    return next;
  }

  async #run(send: (names: string[]) => Promise<Reply>): Promise<readonly Entry[] | Untrusted> {
    const reply = await send(this.#names);
    if ('state' in reply) return reply;
    const [mark, ...frames] = reply;
    if (asBytes(mark)?.equals(Buffer.from(this.#mark)) !== true) {
      return { state: 'untrusted', reason: 'mark' };
    }
    return frames.map((frame) => decodeEntry(asBytes(frame)));
  }
}

function asBytes(reply: string | Buffer | null | undefined): Buffer | null {
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : (reply ?? null);
}
