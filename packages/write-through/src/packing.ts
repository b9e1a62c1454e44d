import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { packedFromBytes, unpackedBytesMax } from './limits.ts';

/** How the payload of a frame is stored; its byte in the frame. */
export const packing = { none: 0, zstd: 1 } as const;
type Packing = (typeof packing)[keyof typeof packing];

/** The cheapest: most of what there is to be saved in JSON is its names, which every level finds. */
const cheapest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * The payload as it is stored. Packed in this thread: it takes some 50 µs, which is less than another thread would
 * cost, and an entry is encoded before the step that carries it is sent.
 */
export function packed(payload: Buffer): { readonly packing: Packing; readonly bytes: Buffer } {
  const isWorth = payload.length >= packedFromBytes && payload.length <= unpackedBytesMax;
  if (!isWorth) return { packing: packing.none, bytes: payload };
  const bytes = zstdCompressSync(payload, cheapest);
  // What does not shrink by an eighth, such as bytes that are compressed already, is not worth unpacking.
  return bytes.length <= payload.length * 0.875
    ? { packing: packing.zstd, bytes }
    : { packing: packing.none, bytes: payload };
}

/** The payload, or undefined where nothing of ours was packed like this. */
export function unpacked(bytes: Buffer, how: number | undefined): Buffer | undefined {
  if (how === packing.none) return bytes;
  if (how !== packing.zstd) return undefined;
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: unpackedBytesMax });
  } catch {
    return undefined;
  }
}
