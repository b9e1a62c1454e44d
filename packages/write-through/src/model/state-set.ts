/** How a state was first reached: from which one, by which step. */
export interface Arrival {
  /** Where the state before it stands in the set; -1 for the first. */
  readonly from: number;
  readonly label: string;
}

const slotsAtFirst = 1 << 16;

/** What a state is written into, so that it can be told from others. */
export class StateBytes {
  readonly #bytes = new Uint8Array(512);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** A number from -1 to 254. */
  push(value: number): void {
    if (value < -1 || value > 254) throw new RangeError(`${value} does not fit into a byte.`);
    this.#bytes[this.#length] = value + 1;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^31 - 1. */
  pushLong(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) {
      this.#bytes[this.#length] = (value >>> shift) & 0xff;
      this.#length += 1;
    }
  }

  toString(): string {
    return this.#bytes.subarray(0, this.#length).join();
  }

  /** 53 bits of two multiplicative hashes of 32 bits each. */
  hash(seed: number): number {
    if (this.#length > this.#bytes.length) throw new RangeError('The state is too long.');
    let one = 0xdeadbeef ^ seed;
    let two = 0x41c6ce57 ^ seed;
    for (let index = 0; index < this.#length; index += 1) {
      const byte = this.#bytes[index] ?? 0;
      one = Math.imul(one ^ byte, 0x9e3779b1);
      two = Math.imul(two ^ byte, 0x5f356495);
      one ^= one >>> 15;
      two ^= two >>> 13;
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
    two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
    return (two & 0x1fffff) * 2 ** 32 + (one >>> 0);
  }
}

/**
 * States by 106 bits of hash, as in Holzmann's hash compaction: some fifty bytes a state, so that tens of
 * millions fit. Two states that share all bits would be taken for one; among 2^25 that has odds of 2^-57.
 */
export class StateSet {
  readonly #bytes = new StateBytes();
  #slots = new Int32Array(slotsAtFirst).fill(-1);
  #high = new Float64Array(slotsAtFirst);
  #low = new Float64Array(slotsAtFirst);
  readonly #from: number[] = [];
  readonly #labels: string[] = [];
  /** One copy of each label, however often it is used. */
  readonly #interned = new Map<string, string>();

  get size(): number {
    return this.#labels.length;
  }

  /** The place of a state that was not there before; undefined if it was. */
  add(write: (bytes: StateBytes) => void, { from, label }: Arrival): number | undefined {
    this.#bytes.clear();
    write(this.#bytes);
    const high = this.#bytes.hash(0x9e3779b9);
    const low = this.#bytes.hash(0x85ebca6b);
    const slot = this.#find(high, low);
    if (this.#slots[slot] !== -1) return undefined;
    const place = this.#labels.length;
    this.#slots[slot] = place;
    this.#ensure(place);
    this.#high[place] = high;
    this.#low[place] = low;
    this.#from.push(from);
    this.#labels.push(this.#intern(label));
    if (this.size * 2 > this.#slots.length) this.#grow();
    return place;
  }

  /** The steps that lead to a state, from the first. */
  traceTo(place: number): string[] {
    const trace: string[] = [];
    for (let at = place; at > 0; at = this.#from[at] ?? -1) trace.push(this.#labels[at] ?? '');
    return trace.toReversed();
  }

  /** The slot that holds the state, or the free one where it belongs. */
  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low % this.#slots.length; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot] ?? -1;
      if (place === -1 || (this.#high[place] === high && this.#low[place] === low)) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let place = 0; place < this.size; place += 1) {
      this.#slots[this.#find(this.#high[place] ?? 0, this.#low[place] ?? 0)] = place;
    }
  }

  #ensure(place: number): void {
    if (place < this.#high.length) return;
    this.#high = doubled(this.#high);
    this.#low = doubled(this.#low);
  }

  #intern(label: string): string {
    const known = this.#interned.get(label);
    if (known !== undefined) return known;
    this.#interned.set(label, label);
    return label;
  }
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(values.length * 2);
  more.set(values);
  return more;
}
