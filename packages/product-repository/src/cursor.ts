import type { z } from 'zod';
import { CursorInvalidError } from './errors.ts';

/** The place in an ordered list after which a page begins, as an opaque word for clients. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws `CursorInvalidError` on anything that `encodeCursor` did not make of such a position. */
export function decodeCursor<Position>(schema: z.ZodType<Position>, cursor: string): Position {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new CursorInvalidError();
  }
  const { success, data } = schema.safeParse(decoded);
  if (!success) throw new CursorInvalidError();
  return data;
}
