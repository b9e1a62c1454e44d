import { type Epoch, epochMark } from '../epoch.ts';

/**
 * Number of buckets that keys are spread over. Each has an epoch mark of its own, under the same hash tag,
 * so that on a cluster a key and its mark are always on one node. More buckets spread more evenly and cost
 * one mark each.
 */
export const bucketCount = 64;

/** The names of a bucket's mark and of the index of its pending entries. */
export interface Bucket {
  readonly mark: string;
  readonly pending: string;
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
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get buckets(): Bucket[] {
    return Array.from({ length: bucketCount }, (_, bucket) => this.#bucket(bucket));
  }

  locate(epoch: Epoch, key: string): Place {
    const bucket = fnv1a(key) % bucketCount;
    return { entry: `${this.#tag(bucket)}:${epochMark(epoch)}:${key}`, ...this.#bucket(bucket) };
  }

  /** Mark and key of an entry's name; undefined for what is no name of an entry. */
  parse(name: string): { mark: string; key: string } | undefined {
    const { mark, key } = nameForm.exec(name.slice(this.#prefix.length))?.groups ?? {};
    return mark === undefined || key === undefined ? undefined : { mark, key };
  }

  #bucket(bucket: number): Bucket {
    return { mark: `${this.#tag(bucket)}:epoch`, pending: `${this.#tag(bucket)}:pending` };
  }

  #tag(bucket: number): string {
    return `${this.#prefix}:{${bucket}}`;
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
