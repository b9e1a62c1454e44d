import { limits } from './limits.ts';
import type { Position } from './position.ts';

/** One record of a file as it stands there, with the end of its line. */
export interface RawRecord {
  /** The number of its first line. */
  readonly line: number;
  readonly end: Position;
  /** Nothing of a record that is too long. */
  readonly bytes: Buffer;
  readonly isTooLong: boolean;
}

const [newline, carriageReturn, quote] = [0x0a, 0x0d, 0x22];

/** Where in a value of CSV the next byte stands. */
type Place = 'begin' | 'plain' | 'quoted' | 'after quote';

/**
 * Cuts a text into its records: lines, and where values may be quoted, lines that quotes hold together. The parser of CSV is
 * given whole records, since by itself it would hold all that follows a quote that is never closed, and could
 * tell neither where a record ends in the file nor how it is written there.
 *
 * A record longer than allowed is passed over up to the end of its line. Where a quote is not closed within that length, or at
 * all, its line is a record by itself, and the next line begins anew.
 */
export class RecordSplitter {
  readonly #delimiter: number | undefined;
  readonly #bytesMax: number;
  /** What is read and belongs to no record yet. */
  #held: Buffer = Buffer.alloc(0);
  /** Of `held`, what was looked at. */
  #looked = 0;
  #place: Place = 'begin';
  #isPassingOver = false;
  #begin: Position;

  /** `delimiter`: that of quoted values; without it every line is a record. */
  constructor(
    begin: Position,
    delimiter: number | undefined,
    bytesMax: number = limits.recordBytesMax,
  ) {
    this.#begin = begin;
    this.#delimiter = delimiter;
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): RawRecord[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const records: RawRecord[] = [];
    for (;;) {
      const end = this.#endOfRecord();
      if (end !== undefined) records.push(this.#take(end));
      else if (this.#held.length <= this.#bytesMax) return records;
      else if (!this.#passOver(records)) return records;
    }
  }

  end(): RawRecord[] {
    const records: RawRecord[] = [];
    while (this.#held.length > 0 || this.#isPassingOver) {
      const end = this.#endOfRecord() ?? (this.#place === 'quoted' ? this.#endOfLine() : undefined);
      records.push(this.#take(end ?? this.#held.length));
    }
    return records;
  }

  /** Lets go of what is too long; false where it has no end yet. */
  #passOver(records: RawRecord[]): boolean {
    const endOfLine = this.#endOfLine();
    if (endOfLine !== undefined && !this.#isPassingOver) {
      records.push(this.#take(endOfLine));
      return true;
    }
    this.#isPassingOver = true;
    this.#begin = { ...this.#begin, offset: this.#begin.offset + this.#held.length };
    this.#held = Buffer.alloc(0);
    this.#looked = 0;
    this.#place = 'plain';
    return false;
  }

  #endOfLine(): number | undefined {
    const index = this.#held.indexOf(newline);
    return index < 0 ? undefined : index + 1;
  }

  #take(length: number): RawRecord {
    const bytes = this.#held.subarray(0, length);
    const isTooLong = this.#isPassingOver || length > this.#bytesMax;
    const { line, offset } = this.#begin;
    const end = { offset: offset + length, line: line + countOf(newline, bytes) };
    this.#held = this.#held.subarray(length);
    this.#looked = 0;
    this.#place = 'begin';
    this.#isPassingOver = false;
    this.#begin = end;
    return { line, end, bytes: isTooLong ? Buffer.alloc(0) : bytes, isTooLong };
  }

  /** How many bytes the next record has, with the end of its line. */
  #endOfRecord(): number | undefined {
    if (this.#delimiter === undefined || this.#isPassingOver) {
      const index = this.#held.indexOf(newline, this.#looked);
      this.#looked = this.#held.length;
      return index < 0 ? undefined : index + 1;
    }
    const held = this.#held;
    let place = this.#place;
    for (let index = this.#looked; index < held.length; index += 1) {
      const byte = held[index] ?? 0;
      if (place === 'quoted') {
        if (byte === quote) place = 'after quote';
      } else if (byte === newline) {
        return index + 1;
      } else if (byte === this.#delimiter) {
        place = 'begin';
      } else if (byte === quote && place !== 'plain') {
        place = 'quoted';
      } else if (byte !== carriageReturn) {
        place = 'plain';
      }
    }
    this.#place = place;
    this.#looked = held.length;
    return undefined;
  }
}

function countOf(byte: number, bytes: Buffer): number {
  let count = 0;
  for (let index = bytes.indexOf(byte); index >= 0; index = bytes.indexOf(byte, index + 1)) {
    count += 1;
  }
  return count;
}
