import type { Position } from './position.ts';

/** The values of a record by the names of their columns; those of CSV are strings. */
export type Fields = Readonly<Record<string, unknown>>;

/** One record as its format has it, or why it is none. */
export type ParsedRecord = {
  readonly line: number;
  readonly end: Position;
  /** As it stands in the file, to be written to the rejected ones. */
  readonly raw: Buffer;
} & ({ readonly fields: Fields } | { readonly problem: string });

/** How records are read from a file and how those that are rejected are written. */
export interface RecordFormat {
  readonly name: 'csv' | 'jsonl';
  /** Where the first record begins. */
  readonly begin: Position;
  /** Names of columns that mean nothing to us, as far as has been read. */
  readonly unknownColumns: readonly string[];
  /** Records in the order of the file, some at a time. Lines without anything are none. */
  read(chunks: AsyncIterable<Buffer>, from: Position): AsyncGenerator<ParsedRecord[], void>;
  /** What comes before the first rejected record. */
  readonly rejectedHead: Buffer;
  /** Such that the file of these can be mended and imported. */
  rejected(record: { readonly line: number; readonly raw: Buffer }, reason: string): Buffer;
}

export const columns = [
  'sku',
  'name',
  'description',
  'price',
  'stock',
  'category',
  'images',
] as const;
/** Without them no line could be imported. */
export const requiredColumns = ['sku', 'name', 'price', 'category'] as const;
/** Those that a file of rejected records has besides. */
export const addedColumns = ['line', 'reason'] as const;
const known: ReadonlySet<string> = new Set([...columns, ...addedColumns]);

/** What a file calls a column, in whatever case. */
export function columnOf(name: string): string {
  return name.trim().toLowerCase();
}

export function isKnownColumn(name: string): boolean {
  return known.has(name);
}

export const tooLong = 'the line is longer than 1 MiB, and is not repeated here';
export const notText = 'the line is not valid in the encoding of the file';
