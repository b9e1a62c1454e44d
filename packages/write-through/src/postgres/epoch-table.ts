import type { Doubt } from '../epoch-register.ts';
import type { EpochRow } from '../epoch.ts';

/** The table of epoch rows; run it with the service's other migrations. */
export const epochTableSql = `
CREATE TABLE IF NOT EXISTS write_through_epochs (
  name text PRIMARY KEY,
  number bigint NOT NULL,
  id text NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'draining')),
  store_identity text NOT NULL,
  database_identity text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`;

/** What a release needs that can go on without the store; run it after {@link epochTableSql}. */
export const epochBypassSql = `
ALTER TABLE write_through_epochs
  DROP CONSTRAINT IF EXISTS write_through_epochs_state_check,
  ADD CONSTRAINT write_through_epochs_state_check
    CHECK (state IN ('active', 'draining', 'bypass')),
  ADD COLUMN IF NOT EXISTS doubted_at timestamptz,
  ADD COLUMN IF NOT EXISTS vouched_at timestamptz`;

/** Taken from the name of the current log file: the control file still tells the old one after a promotion. */
const timelineSql = 'left(pg_walfile_name(pg_current_wal_lsn()), 8)';

/** Which PostgreSQL this is. Reads the control file, so it is not for every write. */
export const databaseIdentitySql = `
  (SELECT system_identifier FROM pg_control_system()) || '/' ||
  (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || ${timelineSql}`;

/**
 * Which run of that PostgreSQL this is. After a crash it gives out again the ids of transactions that were
 * not yet on disk, so what it says of an id counts only in the run that gave it. The time at which statistics
 * began is the one thing in SQL that every crash changes, that of a single backend too: the start time of the
 * server is not. A reset by hand changes it as well, which costs an honest "unknown". The timeline tells apart a
 * standby that was copied with its statistics.
 */
export const incarnationSql = `
  ${timelineSql} || '/' || pg_stat_get_bgwriter_stat_reset_time()::text`;

/** Holds the epoch's lock until the transaction ends: writers shared, who begins an epoch exclusively. */
export function epochLockSql(name: string, mode: 'shared' | 'exclusive'): string {
  const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  return `SELECT ${lock}(${epochLockKeySql(name)})`;
}

export function epochLockKeySql(name: string): string {
  return `hashtextextended(${literal(epochLockKey(name))}, 0)`;
}

export function epochLockKey(name: string): string {
  return `write-through:${name}`;
}

/** No row means that no epoch ever began. */
export function epochRowOf(row: Record<string, unknown> | undefined): EpochRow {
  if (row === undefined) return { state: 'draining', number: 0 };
  const number = Number(row['number']);
  const state = row['state'] === 'bypass' ? 'bypass' : 'draining';
  if (row['state'] !== 'active') return { state, number };
  const { id, store_identity: storeIdentity } = row;
  if (typeof id !== 'string' || typeof storeIdentity !== 'string') {
    throw new TypeError('The row of write_through_epochs has no id or no store identity.');
  }
  return { state: 'active', epoch: { number, id, storeIdentity } };
}

/** Columns from which {@link doubtOf} reads, in milliseconds. */
export const doubtSql = `
  extract(epoch FROM doubted_at) * 1000 AS doubted_at_ms,
  extract(epoch FROM vouched_at) * 1000 AS vouched_at_ms`;

export function doubtOf(row: Record<string, unknown> | undefined): Doubt | undefined {
  const raised = row?.['doubted_at_ms'] ?? undefined;
  const vouched = row?.['vouched_at_ms'] ?? undefined;
  if (raised === undefined) return undefined;
  return {
    raisedAtMs: Number(raised),
    vouchedAtMs: vouched === undefined ? undefined : Number(vouched),
  };
}

/** Several statements in one round trip take no parameters, so the name is quoted as PostgreSQL quotes. */
export function literal(text: string): string {
  if (!/^[\w.:-]{1,128}$/.test(text)) {
    throw new Error(`"${text}" cannot name a cache: use letters, digits and . : _ - only.`);
  }
  return `'${text}'`;
}
