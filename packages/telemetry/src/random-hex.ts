import { randomFillSync } from 'node:crypto';

/** Bytes are drawn for many at once: a draw costs as much as hundreds of them. */
const drawn = Buffer.alloc(4_096);
let used = drawn.length;

/** Hexadecimal digits, two for each random byte; 1024 bytes at most. */
export function randomHex(bytes: number): string {
  if (used + bytes > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += bytes;
  return drawn.toString('hex', used - bytes, used);
}
