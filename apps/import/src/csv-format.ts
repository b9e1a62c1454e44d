import { CsvError, parse } from 'csv-parse/sync';
import { isUtf8 } from 'node:buffer';
import { ImportError } from './import-error.ts';
import {
  addedColumns,
  columnOf,
  isKnownColumn,
  notText,
  type ParsedRecord,
  type RecordFormat,
  requiredColumns,
  tooLong,
} from './parsed-record.ts';
import { fileBegin } from './position.ts';
import { isBlank, readRecords } from './read-records.ts';
import { type RawRecord, RecordSplitter } from './record-splitter.ts';

interface Header {
  readonly record: RawRecord;
  readonly delimiter: string;
  /** In lower case. */
  readonly names: readonly string[];
}

/** CSV with a header, its columns in any order. Throws an ImportError where it lacks one that is needed. */
export async function csvFormat(
  chunks: AsyncIterable<Buffer>,
  askedDelimiter: string | undefined,
): Promise<RecordFormat> {
  const header = headerOf(await firstRecord(chunks, askedDelimiter), askedDelimiter);
  const { names, delimiter, record } = header;
  const added = addedColumns.every((name, index) => names[index] === name)
    ? addedColumns.length
    : 0;
  return {
    name: 'csv',
    begin: record.end,
    unknownColumns: names.filter((name) => !isKnownColumn(name)),
    async *read(text, from) {
      yield* readRecords(text, new RecordSplitter(from, delimiter.charCodeAt(0)), (records) =>
        parseAll(records, header),
      );
    },
    rejectedHead: Buffer.concat([
      Buffer.from(`${addedColumns.join(delimiter)}${delimiter}`),
      ended(withoutFields(record.bytes, delimiter, added)),
    ]),
    rejected: ({ line, raw }, reason) =>
      Buffer.concat([
        Buffer.from(`${line}${delimiter}"${reason.replaceAll('"', '""')}"${delimiter}`),
        ended(withoutFields(raw, delimiter, added)),
      ]),
  };
}

async function firstRecord(
  chunks: AsyncIterable<Buffer>,
  asked: string | undefined,
): Promise<RawRecord> {
  // Quotes hold lines together whatever the delimiter is.
  const splitter = new RecordSplitter(fileBegin, (asked ?? ',').charCodeAt(0));
  for await (const chunk of chunks) {
    const record = splitter.push(chunk).find((each) => !isBlank(each));
    if (record !== undefined) return record;
  }
  const record = splitter.end().find((each) => !isBlank(each));
  if (record === undefined) throw new ImportError('The file is empty.');
  return record;
}

function headerOf(record: RawRecord, asked: string | undefined): Header {
  const line = record.bytes.toString();
  const delimiter = asked ?? likeliestDelimiter(line);
  const { cells, problem } = parseOne(record, delimiter);
  if (cells === undefined) throw new ImportError(`The header cannot be read: ${problem}.`);
  const names = cells.map(columnOf);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new ImportError(`The header names the column "${twice}" twice.`);
  const missing = requiredColumns.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new ImportError(
      `The header lacks ${missing.join(', ')}. It is: ${line.trim().slice(0, 200)}`,
    );
  }
  return { record, delimiter, names };
}

function likeliestDelimiter(header: string): string {
  const counted = [',', ';', '\t'].map(
    (delimiter) => [delimiter, header.split(delimiter).length] as const,
  );
  return counted.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function parseAll(records: readonly RawRecord[], { names, delimiter }: Header): ParsedRecord[] {
  const kept = records.filter((record) => !isBlank(record));
  const readable = kept.filter(({ bytes, isTooLong }) => !isTooLong && isUtf8(bytes));
  const parsed = new Map(
    parseTogether(readable, delimiter).map((each, index) => [readable[index], each]),
  );
  return kept.map((record) => {
    const problem = record.isTooLong ? tooLong : notText;
    return recordOf(record, parsed.get(record) ?? { problem }, names);
  });
}

function recordOf(
  { line, end, bytes: raw }: RawRecord,
  { cells, problem }: Cells,
  names: readonly string[],
): ParsedRecord {
  const place = { line, end, raw };
  if (cells === undefined) return { ...place, problem };
  if (cells.length !== names.length) {
    return { ...place, problem: `it has ${cells.length} values, and the header ${names.length}` };
  }
  const fields = Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  return { ...place, fields };
}

type Cells =
  | { readonly cells: string[]; readonly problem?: undefined }
  | { readonly cells?: undefined; readonly problem: string };

/** One call for all records is a tenth of the work; where it fails, each half is tried by itself. */
function parseTogether(records: readonly RawRecord[], delimiter: string): Cells[] {
  const [only] = records;
  if (only === undefined) return [];
  if (records.length === 1) return [parseOne(only, delimiter)];
  try {
    const rows = parseCells(Buffer.concat(records.map(({ bytes }) => ended(bytes))), delimiter);
    if (rows.length === records.length) return rows.map((cells) => ({ cells }));
  } catch (err) {
    if (!(err instanceof CsvError)) throw err;
  }
  const half = records.length >> 1;
  return [
    ...parseTogether(records.slice(0, half), delimiter),
    ...parseTogether(records.slice(half), delimiter),
  ];
}

function parseOne({ bytes }: RawRecord, delimiter: string): Cells {
  try {
    const [cells] = parseCells(bytes, delimiter);
    return cells === undefined ? { problem: 'the line cannot be read' } : { cells };
  } catch (err) {
    if (!(err instanceof CsvError)) throw err;
    return { problem: problems.get(err.code) ?? 'the line cannot be read' };
  }
}

function parseCells(bytes: Buffer, delimiter: string): string[][] {
  return parse(bytes, {
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
  });
}

const problems: ReadonlyMap<string, string> = new Map([
  ['CSV_INVALID_CLOSING_QUOTE', 'a quoted value goes on after its closing quote'],
  ['INVALID_OPENING_QUOTE', 'a quote stands in a value that does not begin with one'],
  ['CSV_QUOTE_NOT_CLOSED', 'a quote is not closed'],
]);

/** A record without its first values, as it stands in a file of rejected ones. */
function withoutFields(bytes: Buffer, delimiter: string, count: number): Buffer {
  let rest = bytes;
  for (let field = 0; field < count; field += 1) {
    rest = rest.subarray(lengthOfField(rest, delimiter));
  }
  return rest;
}

/** With the delimiter after it. */
function lengthOfField(bytes: Buffer, delimiter: string): number {
  let isQuoted = false;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0x22) isQuoted = !isQuoted;
    else if (!isQuoted && byte === delimiter.charCodeAt(0)) return index + 1;
  }
  return 0;
}

function ended(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
}
