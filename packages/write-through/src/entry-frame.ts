import type { Attempt, Entry, FinalEntry, PendingEntry, Token } from './entry.ts';

/**
 * The wire format of an entry, big-endian, read by the scripts of redis/scripts.ts as well:
 *
 *     0  u8   frame format, 1
 *     1  u8   state: V(alue) N(one) P(ending) L(ease)
 *
 *     value, none     2  u16  schema        pending   2  8 bytes   nonce
 *                     4  u64  version                10  u16       number of attempts
 *                    12  u64  expiresAtMs            12  16 bytes  an attempt: u64 xid, 8 bytes token
 *                    20  u32  lifeMs                  …            best: the frame of the highest version
 *                    24       payload                              published meanwhile, or nothing
 *
 *     lease           2  8 bytes  token
 */
export const frameFormat = 1;
export const attemptBytes = 16;
export const finalHeaderBytes = 24;

const stateCode = { value: 0x56, none: 0x4e, pending: 0x50, lease: 0x4c } as const;
const pendingHeaderBytes = 12;
const tokenBytes = 8;

export function encodeFinal(entry: FinalEntry): Buffer {
  const payloadBytes = entry.state === 'value' ? entry.payload.length : 0;
  const frame = Buffer.allocUnsafe(finalHeaderBytes + payloadBytes);
  frame[0] = frameFormat;
  frame[1] = stateCode[entry.state];
  frame.writeUInt16BE(entry.state === 'value' ? entry.schema : 0, 2);
  writeUint64(frame, entry.version, 4);
  writeUint64(frame, entry.expiresAtMs, 12);
  frame.writeUInt32BE(entry.lifeMs, 20);
  if (entry.state === 'value') entry.payload.copy(frame, finalHeaderBytes);
  return frame;
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
      return frame.length < finalHeaderBytes ? { state: 'unreadable' } : decodeFinal(frame);
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

function decodeFinal(frame: Buffer): FinalEntry {
  const version = readUint64(frame, 4);
  const life = { expiresAtMs: readUint64(frame, 12), lifeMs: frame.readUInt32BE(20) };
  if (frame[1] === stateCode.none) return { state: 'none', version, ...life };
  const schema = frame.readUInt16BE(2);
  return { state: 'value', schema, version, ...life, payload: frame.subarray(finalHeaderBytes) };
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
  const bestVersion =
    frame.length < end + finalHeaderBytes ? undefined : readUint64(frame, end + 4);
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
