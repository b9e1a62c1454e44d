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

  /** All that the fetches of these keys found. Throws when one of them fails. */
  get(epoch: Epoch, keys: readonly string[]): Promise<Fetched> {
    let first: Fetch | undefined;
    let all: Set<Fetch> | undefined;
    for (const key of keys) {
      const fetch = this.#board(epoch, key);
      first ??= fetch;
      if (fetch !== first) (all ??= new Set([first])).add(fetch);
    }
    return first === undefined || all !== undefined ? together(all ?? []) : first.entries;
  }

  #board(epoch: Epoch, key: string): Fetch {
    const bucket = this.#keys.bucketOf(key);
    const slot = this.#spansSlots ? 0 : bucket.slot;
    const open = this.#open.get(slot);
    const fetch = open?.takes(epoch) === true ? open : this.#openFetch(epoch, bucket, slot);
    fetch.add(key, bucket);
    return fetch;
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

type Fetched = ReadonlyMap<string, Entry> | Untrusted;

async function together(fetches: Iterable<Fetch>): Promise<Fetched> {
  const all = new Map<string, Entry>();
  for (const { entries } of fetches) {
    const found = await entries;
    if ('state' in found) return found;
    for (const [key, entry] of found) all.set(key, entry);
  }
  return all;
}

/** One MGET, which is sent at the end of the turn in which it was opened. */
class Fetch {
  /** One promise for all who ask. */
  readonly entries: Promise<Fetched>;
  readonly #epoch: Epoch;
  readonly #mark: string;
  readonly #entries = new Map<string, Entry>();
  /** A mark, and then entries in the order in which their keys came. */
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
    if (this.#entries.size >= fetchedKeysMax) return false;
    return isSameEpoch(this.#epoch, epoch) && this.#epoch.storeIdentity === epoch.storeIdentity;
  }

  add(key: string, bucket: Bucket): void {
    if (this.#entries.has(key)) return;
    this.#entries.set(key, absent);
    this.#names.push(`${bucket.tag}:${this.#mark}:${key}`);
  }

  async #run(send: (names: string[]) => Promise<Reply>): Promise<Fetched> {
    const reply = await send(this.#names);
    if ('state' in reply) return reply;
    if (asBytes(reply[0])?.equals(Buffer.from(this.#mark)) !== true) {
      return { state: 'untrusted', reason: 'mark' };
    }
    let index = 0;
    for (const key of this.#entries.keys()) {
      index += 1;
      this.#entries.set(key, decodeEntry(asBytes(reply[index])));
    }
    return this.#entries;
  }
}

const absent: Entry = { state: 'absent' };

function asBytes(reply: string | Buffer | null | undefined): Buffer | null {
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1') : (reply ?? null);
}
