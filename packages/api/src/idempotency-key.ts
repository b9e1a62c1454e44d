/** Marks a mutation as one that may be repeated. */
export const idempotencyKeyHeader = 'idempotency-key';

/** Whether a text can be a key: 1 to 128 visible ASCII characters. */
export function isIdempotencyKey(text: string): boolean {
  return /^[!-~]{1,128}$/.test(text);
}
