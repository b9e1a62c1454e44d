import type { Migration } from './migration.ts';

/**
 * The answers that are given again to repeated calls.
 *
 * Who called is kept as a hash: names of callers may be of any length and concern nobody who reads the table.
 * The answer is `json` and not `jsonb`, so that it comes back as it was first given, in its order. It is NULL
 * only until the transaction that claimed the key has made its change.
 */
export const idempotencyKeys: Migration = {
  name: '0004-idempotency-keys',
  up: async (db) => {
    for (const text of [table, index]) await db.query({ text, values: [] });
  },
};

/** Every row dies a day after its birth, so autovacuum comes sooner than its default of a fifth of all rows. */
const table = `
  CREATE TABLE idempotency_keys (
    subject_hash bytea NOT NULL,
    procedure text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    input_hash bytea NOT NULL,
    answer json,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (subject_hash, procedure, key)
  ) WITH (autovacuum_vacuum_scale_factor = 0.05)`;

const index = 'CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at)';
