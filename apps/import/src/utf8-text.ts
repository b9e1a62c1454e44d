import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { ImportError } from './import-error.ts';
import { limits } from './limits.ts';

export interface TextSource {
  /** By the label of the WHATWG, such as `utf-8`. */
  readonly encoding: string;
  /** How much of the file has been read. */
  readonly bytesRead: number;
  /** The text as UTF-8, after so many bytes of it and without a byte order mark. What is no text is bytes that are no UTF-8. */
  read(offset: number): AsyncGenerator<Buffer, void>;
}

/** Stands for what could not be decoded; no byte of UTF-8 is like it. */
const undecodable = Buffer.from([0xff]);

const marks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** A byte order mark says what the encoding is, whatever else is said. */
export async function openText(file: string, asked: string | undefined): Promise<TextSource> {
  const head = await readHead(file, 3);
  const mark = marks.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  const encoding = mark?.[0] ?? labelOf(asked ?? 'utf-8');
  let bytesRead = mark?.[1].length ?? 0;
  const chunks = (start: number) => {
    bytesRead = start;
    return createReadStream(file, { start, highWaterMark: limits.chunkBytes });
  };
  const begin = bytesRead;
  return {
    encoding,
    get bytesRead() {
      return bytesRead;
    },
    async *read(offset) {
      const isUtf8 = encoding === 'utf-8';
      const counted = counting(chunks(isUtf8 ? begin + offset : begin), (bytes) => {
        bytesRead += bytes;
      });
      if (isUtf8) yield* counted;
      else yield* after(offset, decoded(counted, encoding));
    },
  };
}

export async function readHead(file: string, bytes: number): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead);
}

function labelOf(asked: string): string {
  try {
    return new TextDecoder(asked).encoding;
  } catch {
    throw new ImportError(`There is no encoding "${asked}". Try utf-8, utf-16le or latin1.`);
  }
}

async function* counting(
  chunks: AsyncIterable<Buffer>,
  tell: (bytes: number) => void,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    tell(chunk.length);
    yield chunk;
  }
}

/** The decoder writes U+FFFD for what it cannot decode, which would pass for text. */
async function* decoded(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
): AsyncGenerator<Buffer, void> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield encode(decoder.decode(chunk, { stream: true }));
  yield encode(decoder.decode());
}

function encode(text: string): Buffer {
  const parts = text.split('\u{fffd}');
  if (parts.length === 1) return Buffer.from(text);
  return Buffer.concat(
    parts.flatMap((part, index) =>
      index === 0 ? [Buffer.from(part)] : [undecodable, Buffer.from(part)],
    ),
  );
}

/** How long a text is elsewhere cannot be told beforehand, so it is decoded from its beginning. */
async function* after(offset: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let skipped = 0;
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(chunk.length, offset - skipped));
    skipped += chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
