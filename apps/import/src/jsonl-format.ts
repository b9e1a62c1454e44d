import { isUtf8 } from 'node:buffer';
import { limits } from './limits.ts';
import {
  columnOf,
  isKnownColumn,
  notText,
  type ParsedRecord,
  type RecordFormat,
  tooLong,
} from './parsed-record.ts';
import { fileBegin } from './position.ts';
import { isBlank, readRecords } from './read-records.ts';
import { type RawRecord, RecordSplitter } from './record-splitter.ts';

/** What a line of words for people begins with; a file of rejected records has one before each. */
const comment = '//';

/** JSON Lines: an object on each line. Its unknown columns are known when they have been read. */
export function jsonlFormat(): RecordFormat {
  const unknownColumns = new Set<string>();
  return {
    name: 'jsonl',
    begin: fileBegin,
    get unknownColumns() {
      return [...unknownColumns];
    },
    async *read(chunks, from) {
      for await (const records of readRecords(
        chunks,
        new RecordSplitter(from, undefined),
        parseAll,
      )) {
        for (const name of records.flatMap(unknownNames)) {
          if (unknownColumns.size < limits.unknownColumnsMax) unknownColumns.add(name);
        }
        yield records;
      }
    },
    rejectedHead: Buffer.alloc(0),
    rejected: ({ line, raw }, reason) =>
      Buffer.concat([
        // A reason repeats what the record says, which may be several lines.
        Buffer.from(`${comment} line ${line}: ${reason.replaceAll(/[\r\n]+/g, ' ')}\n`),
        raw,
        Buffer.from(raw.length === 0 || raw.at(-1) === 0x0a ? '' : '\n'),
      ]),
  };
}

function parseAll(records: readonly RawRecord[]): ParsedRecord[] {
  return records.filter((record) => !isBlank(record) && !isComment(record)).map(parseOne);
}

function unknownNames(record: ParsedRecord): string[] {
  return 'problem' in record
    ? []
    : Object.keys(record.fields).filter((name) => !isKnownColumn(name));
}

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
  const fields = Object.entries(value).map(([name, each]) => [columnOf(name), each] as const);
  return { ...place, fields: Object.fromEntries(fields) };
}

/** Undefined where it is none. A price that is a number is kept as it is written, since a double could not hold it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, function keepPrice(key, value: unknown, ...context: unknown[]) {
      return columnOf(key) === 'price' && typeof value === 'number'
        ? sourceOf(context[0], value)
        : value;
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
