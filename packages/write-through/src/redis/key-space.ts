import { type Epoch, epochMark } from '../epoch.ts';

/**
 * Number of buckets that keys are spread over. Each has an epoch mark of its own, under the same hash tag,
 * so that on a cluster a key and its mark are always on one node. More buckets spread more evenly and cost
 * one mark each.
 */
export const bucketCount = 64;

/**
 * Names in Redis: `prefix:{bucket}:epoch` holds a bucket's mark, `prefix:{bucket}:mark:key` an entry. The
 * mark in the name keeps the entries of one epoch from ever being read in another.
 */
export class KeySpace {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The names of all marks, one a bucket. */
  get marks(): string[] {
    return Array.from({ length: bucketCount }, (_, bucket) => this.#mark(bucket));
  }

  /** The names of an entry and of the mark beside it. */
  locate(epoch: Epoch, key: string): { entry: string; mark: string } {
    const bucket = fnv1a(key) % bucketCount;
    return {
      entry: `${this.#prefix}:{${bucket}}:${epochMark(epoch)}:${key}`,
      mark: this.#mark(bucket),
    };
  }

  #mark(bucket: number): string {
    return `${this.#prefix}:{${bucket}}:epoch`;
  }
}

/** FNV-1a, 32 bits, over UTF-16 code units: fast, even, and the same in every release. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
