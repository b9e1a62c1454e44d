import { type Epoch, epochMark } from '../epoch.ts';
import { keySlot } from './key-slot.ts';

/**
 * Number of buckets that keys are spread over. Each has an epoch mark of its own, under the same hash tag,
 * so that on a cluster a key and its mark are always on one node. More buckets spread more evenly and cost
 * one mark each.
 */
export const bucketCount = 64;

/** What the names of all that a bucket holds begin with, two of these names, and the cluster's slot for all of it. */
export interface Bucket {
  readonly tag: string;
  readonly mark: string;
  readonly pending: string;
  readonly slot: number;
}

/** The names of an entry and of what its bucket holds. */
export interface Place extends Bucket {
  readonly entry: string;
}

/**
 * Names in Redis: `prefix:{bucket}:epoch` holds a bucket's mark, `prefix:{bucket}:pending` the index of its pending
 * entries, `prefix:{bucket}:mark:key` an entry. The mark in the name keeps the entries of one epoch from ever
 * being read in another.
 */
export class KeySpace {
  readonly buckets: readonly Bucket[];
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.buckets = Array.from({ length: bucketCount }, (_, index) => {
      const tag = this.#tag(index);
      const mark = `${tag}:epoch`;
      return { tag, mark, pending: `${tag}:pending`, slot: keySlot(mark) };
    });
  }

  /** The slots of all buckets, each once. */
  get slots(): number[] {
    return [...new Set(this.buckets.map(({ slot }) => slot))];
  }

  /** A name that nothing is ever stored under. */
  get probe(): string {
    return `${this.#tag(0)}:probe`;
  }

  bucketOf(key: string): Bucket {
    const index = fnv1a(key) % bucketCount;
    const bucket = this.buckets[index];
    if (bucket === undefined) throw new RangeError(`There is no bucket ${index}.`);
    return bucket;
  }

  locate(epoch: Epoch, key: string): Place {
    const bucket = this.bucketOf(key);
    return { entry: `${bucket.tag}:${epochMark(epoch)}:${key}`, ...bucket };
  }

  /** Mark and key of an entry's name; undefined for what is no name of an entry. */
  parse(name: string): { mark: string; key: string } | undefined {
    const { mark, key } = nameForm.exec(name.slice(this.#prefix.length))?.groups ?? {};
    return mark === undefined || key === undefined ? undefined : { mark, key };
  }

  #tag(index: number): string {
    return `${this.#prefix}:{${index}}`;
  }
}

const nameForm = /^:\{\d+\}:(?<mark>\d+\.[^:]+):(?<key>.*)$/s;

/** FNV-1a, 32 bits, over UTF-16 code units: fast, even, and the same in every release. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
