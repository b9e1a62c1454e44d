import { z } from 'zod';
import type { Queryable } from './queryable.ts';

/** One call that may be repeated: whose, of what, under which key, with which input. */
export interface KeyedCall {
  readonly subjectHash: Buffer;
  readonly procedure: string;
  readonly key: string;
  readonly inputHash: Buffer;
}

export interface KeptAnswer<Answer> {
  /** Whether the call that was answered had the input of this one. */
  readonly isSameInput: boolean;
  /** As it was first given, whatever shape answers have by now. */
  readonly answer: Answer;
}

/**
 * Takes the key for this transaction; false if an answer is kept under it. Waits for another transaction that
 * has taken it, and then tells what that one left. What is too old to be kept counts as absent, swept or not.
 * Either way the row stays as it is until this transaction ends.
 */
export async function claimKey(db: Queryable, call: KeyedCall): Promise<boolean> {
  const { rows } = await db.query({
    name: 'claim_idempotency_key',
    text: claimText,
    values: [...identityOf(call), call.inputHash],
  });
  return rows.length > 0;
}

/** What is kept under a key that could not be claimed. */
export async function selectKeptAnswer<Answer>(
  db: Queryable,
  call: KeyedCall,
): Promise<KeptAnswer<Answer>> {
  const { rows } = await db.query({
    name: 'select_kept_answer',
    text: `SELECT input_hash = $4::bytea AS "isSameInput", answer FROM idempotency_keys
            WHERE ${isIdentity}`,
    values: [...identityOf(call), call.inputHash],
  });
  const { isSameInput, answer } = keptSchema.parse(rows[0]);
  return { isSameInput, answer: z.custom<Answer>().parse(answer) };
}

/** Keeps the answer under the key that this transaction has claimed. */
export async function keepAnswer(db: Queryable, call: KeyedCall, answer: unknown): Promise<void> {
  const { rowCount } = await db.query({
    name: 'keep_answer',
    text: `UPDATE idempotency_keys SET answer = $4::json WHERE ${isIdentity}`,
    values: [...identityOf(call), JSON.stringify(answer)],
  });
  if (rowCount !== 1) throw new Error('An idempotency key vanished while it was claimed.');
}

/** Deletes so many of the oldest answers that are no longer kept; how many there were. */
export async function deleteExpiredKeys(db: Queryable, countMax: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'delete_expired_idempotency_keys',
    text: expiryText,
    values: [countMax],
  });
  return rowCount ?? 0;
}

const keptSchema = z.object({ isSameInput: z.boolean(), answer: z.json() });

const isIdentity = 'subject_hash = $1::bytea AND procedure = $2::text AND key = $3::text';

const isExpired = `created_at <= now() - interval '24 hours'`;

/**
 * The row is locked also where the condition does not hold. One without an answer is no call: whoever claimed it was ended in
 * between, and left it outside the transaction that failed to begin.
 */
const claimText = `
  INSERT INTO idempotency_keys AS kept (subject_hash, procedure, key, input_hash)
  VALUES ($1::bytea, $2::text, $3::text, $4::bytea)
  ON CONFLICT (subject_hash, procedure, key) DO UPDATE
     SET input_hash = excluded.input_hash, answer = NULL, created_at = now()
   WHERE kept.answer IS NULL OR kept.${isExpired}
  RETURNING true AS claimed`;

/** Several processes sweep at once, and a row that somebody claims anew is theirs. */
const expiryText = `
  DELETE FROM idempotency_keys
   WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM idempotency_keys WHERE ${isExpired}
      ORDER BY created_at LIMIT $1::int FOR UPDATE SKIP LOCKED))`;

function identityOf({ subjectHash, procedure, key }: KeyedCall): unknown[] {
  return [subjectHash, procedure, key];
}
