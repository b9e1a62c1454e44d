import { randomBytes } from 'node:crypto';

/** Drawn and written out for many at once: either costs as much for hundreds of them. */
const drawnBytes = 4_096;
let drawn = '';
let used = 0;

/** Hexadecimal digits, two for each random byte; 1024 bytes at most. */
export function randomHex(bytes: number): string {
  const digits = 2 * bytes;
  if (used + digits > drawn.length) {
    drawn = randomBytes(drawnBytes).toString('hex');
    used = 0;
  }
  used += digits;
  return drawn.slice(used - digits, used);
}
