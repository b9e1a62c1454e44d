import type { ParsedRecord } from './parsed-record.ts';
import type { RawRecord, RecordSplitter } from './record-splitter.ts';

/** The records of a text, in whole, some at a time. */
export async function* readRecords(
  chunks: AsyncIterable<Buffer>,
  splitter: RecordSplitter,
  parsed: (records: readonly RawRecord[]) => ParsedRecord[],
): AsyncGenerator<ParsedRecord[], void> {
  for await (const chunk of chunks) yield parsed(splitter.push(chunk));
  yield parsed(splitter.end());
}

export function isBlank({ bytes, isTooLong }: RawRecord): boolean {
  return !isTooLong && bytes.length <= 2 && bytes.toString().trim() === '';
}
