import { crc32 } from 'node:zlib';
import type { Attempt, Entry, FinalEntry, PendingEntry, Token } from './entry.ts';
import { packed, packing, unpacked } from './packing.ts';

/**
 * The wire format of an entry, big-endian, read by the scripts of redis/scripts.ts as well:
 *
 *     0  u8   frame format, 1
 *     1  u8   state: v(alue) n(one) P(ending) L(ease)
 *
 *     value, none     2  u16  schema        pending   2  8 bytes   nonce
 *                     4  u64  version                10  u16       number of attempts
 *                    12  u64  expiresAtMs            12  16 bytes  an attempt: u64 xid, 8 bytes token
 *                    20  u32  lifeMs                  …            best: the frame of the highest version
 *                    24  u32  checksum                             published meanwhile, or nothing
 *                    28  u8   packing
 *                    29       payload
 *
 *     lease           2  8 bytes  token
 *
 * Payloads are passed on as they are, so a frame has to prove that it is what was encoded. The checksum is a CRC-32
 * of the payload, begun with `packing` and the first 12 bytes folded into one word. The life is not part of it, as
 * EXTEND replaces that and cannot compute another.
 *
 * Older releases wrote values and absences with the states V and N and no checksum. These are read by nobody and
 * replaced as any other. Version and life stand where they stood, and the format is the same, so that a release of that kind may
 * run beside this one: each treats the other's entries as unreadable, and a pending one is of both.
 */
export const frameFormat = 1;
export const attemptBytes = 16;

const stateCode = { value: 0x76, none: 0x6e, pending: 0x50, lease: 0x4c } as const;
const identityBytes = 12;
const lifeEnd = 24;
const packingAt = 28;
const payloadFrom = 29;
const pendingHeaderBytes = 12;
const tokenBytes = 8;
const nothing = { packing: packing.none, bytes: Buffer.alloc(0) };

export function encodeFinal(entry: FinalEntry): Buffer {
  const content = entry.state === 'value' ? packed(entry.payload) : nothing;
  const frame = Buffer.allocUnsafe(payloadFrom + content.bytes.length);
  writeHeader(frame, entry);
  frame[packingAt] = content.packing;
  frame.set(content.bytes, payloadFrom);
  return sealed(frame);
}

/** The same bytes, with the checksum that fits the rest of the frame. */
export function sealed(frame: Buffer): Buffer {
  frame.writeUInt32BE(checksumOf(frame, frame.subarray(payloadFrom)), lifeEnd);
  return frame;
}

/** What EXTEND puts in place of the first bytes of that very entry: its identity, and another life. */
export function encodeFinalHeader(entry: FinalEntry): Buffer {
  const header = Buffer.allocUnsafe(lifeEnd);
  writeHeader(header, entry);
  return header;
}

function writeHeader(frame: Buffer, entry: FinalEntry): void {
  frame[0] = frameFormat;
  frame[1] = stateCode[entry.state];
  frame.writeUInt16BE(entry.state === 'value' ? entry.schema : 0, 2);
  writeUint64(frame, entry.version, 4);
  writeUint64(frame, entry.expiresAtMs, identityBytes);
  frame.writeUInt32BE(entry.lifeMs, 20);
}

export function encodeLease(token: Token): Buffer {
  const frame = Buffer.allocUnsafe(2 + tokenBytes);
  frame[0] = frameFormat;
  frame[1] = stateCode.lease;
  frame.write(token, 2, 'hex');
  return frame;
}

/** `best` is the frame of the highest version published while the entry was pending. */
export function encodePending(entry: PendingEntry, best: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.allocUnsafe(pendingHeaderBytes);
  header[0] = frameFormat;
  header[1] = stateCode.pending;
  header.write(entry.nonce, 2, 'hex');
  header.writeUInt16BE(entry.attempts.length, 10);
  return Buffer.concat([header, ...entry.attempts.map(encodeAttempt), best]);
}

export function encodeAttempt({ xid, token }: Attempt): Buffer {
  const bytes = Buffer.allocUnsafe(attemptBytes);
  bytes.writeBigUInt64BE(xid, 0);
  bytes.write(token, 8, 'hex');
  return bytes;
}

/** Never throws: bytes that are no frame of ours are `unreadable`. */
export function decodeEntry(frame: Buffer | null): Entry {
  if (frame === null) return { state: 'absent' };
  if (frame[0] !== frameFormat) return { state: 'unreadable' };
  switch (frame[1]) {
    case stateCode.value:
    case stateCode.none:
      return decodeFinal(frame);
    case stateCode.pending:
      return decodePending(frame);
    case stateCode.lease:
      return frame.length === 2 + tokenBytes
        ? { state: 'lease', token: frame.toString('hex', 2) }
        : { state: 'unreadable' };
    default:
      return { state: 'unreadable' };
  }
}

/**
 * What the first bytes of a frame say of a final entry, be its payload whole or not; undefined of any other. Nobody may
 * be answered by that.
 */
export function decodeOutline(
  header: Buffer,
): { readonly state: 'value'; readonly schema: number } | { readonly state: 'none' } | undefined {
  if (header[0] !== frameFormat || header.length < lifeEnd) return undefined;
  if (header[1] === stateCode.none) return { state: 'none' };
  return header[1] === stateCode.value
    ? { state: 'value', schema: header.readUInt16BE(2) }
    : undefined;
}

function decodeFinal(frame: Buffer): Entry {
  if (frame.length < payloadFrom) return { state: 'unreadable' };
  const content = frame.subarray(payloadFrom);
  if (checksumOf(frame, content) !== frame.readUInt32BE(lifeEnd)) return { state: 'unreadable' };
  const version = readUint64(frame, 4);
  const expiresAtMs = readUint64(frame, identityBytes);
  const lifeMs = frame.readUInt32BE(20);
  if (frame[1] === stateCode.none) return { state: 'none', version, expiresAtMs, lifeMs };
  const payload = unpacked(content, frame[packingAt]);
  if (payload === undefined) return { state: 'unreadable' };
  const schema = frame.readUInt16BE(2);
  return { state: 'value', schema, version, expiresAtMs, lifeMs, payload };
}

/** Another for every frame that differs in one byte outside of its life, and for nearly all other damage. */
function checksumOf(frame: Buffer, content: Buffer): number {
  const identity = frame.readUInt32BE(0) ^ frame.readUInt32BE(4) ^ frame.readUInt32BE(8);
  return crc32(content, (identity ^ (frame[packingAt] ?? 0)) >>> 0);
}

function decodePending(frame: Buffer): Entry {
  if (frame.length < pendingHeaderBytes) return { state: 'unreadable' };
  const end = pendingHeaderBytes + frame.readUInt16BE(10) * attemptBytes;
  if (frame.length < end) return { state: 'unreadable' };
  const attempts: Attempt[] = [];
  for (let at = pendingHeaderBytes; at < end; at += attemptBytes) {
    attempts.push({
      xid: frame.readBigUInt64BE(at),
      token: frame.toString('hex', at + 8, at + attemptBytes),
    });
  }
  // `best` is the frame of a final entry.
  const bestVersion = frame.length < end + lifeEnd ? undefined : readUint64(frame, end + 4);
  return { state: 'pending', nonce: frame.toString('hex', 2, 10), attempts, bestVersion };
}

/** Versions and times stay below 2^53, so a number holds them exactly. */
function writeUint64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  bytes.writeUInt32BE(value % 2 ** 32, offset + 4);
}

function readUint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4);
}
