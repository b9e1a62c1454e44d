import { isUtf8 } from 'node:buffer';
import { notText, type ParsedRecord, type RecordFormat, tooLong } from './parsed-record.ts';
import { fileBegin } from './position.ts';
import { isBlank, readRecords } from './read-records.ts';
import { type RawRecord, RecordSplitter } from './record-splitter.ts';

/** What a line of words for people begins with; a file of rejected records has one before each. */
const comment = '//';

/** JSON Lines: an object on each line. */
export const jsonlFormat: RecordFormat = {
  name: 'jsonl',
  begin: fileBegin,
  unknownColumns: [],
  async *read(chunks, from) {
    yield* readRecords(chunks, new RecordSplitter(from, undefined), (records) =>
      records.filter((record) => !isBlank(record) && !isComment(record)).map(parseOne),
    );
  },
  rejectedHead: Buffer.alloc(0),
  rejected: ({ line, raw }, reason) =>
    Buffer.concat([
      Buffer.from(`${comment} line ${line}: ${reason}\n`),
      raw,
      Buffer.from(raw.length === 0 || raw.at(-1) === 0x0a ? '' : '\n'),
    ]),
};

function isComment({ bytes }: RawRecord): boolean {
  return bytes.subarray(0, comment.length).toString() === comment;
}

function parseOne({ line, end, bytes: raw, isTooLong }: RawRecord): ParsedRecord {
  const place = { line, end, raw };
  if (isTooLong) return { ...place, problem: tooLong };
  if (!isUtf8(raw)) return { ...place, problem: notText };
  const value = parseJson(raw.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...place, problem: 'the line is not a JSON object' };
  }
  return { ...place, fields: Object.fromEntries(Object.entries(value)) };
}

/** Undefined where it is none. A price that is a number is kept as it is written, since a double could not hold it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, function keepPrice(key, value: unknown, ...context: unknown[]) {
      return key === 'price' && typeof value === 'number' ? sourceOf(context[0], value) : value;
    });
  } catch {
    return undefined;
  }
}

function sourceOf(context: unknown, value: number): string {
  const source =
    typeof context === 'object' && context !== null && 'source' in context
      ? context.source
      : undefined;
  return typeof source === 'string' ? source : String(value);
}
