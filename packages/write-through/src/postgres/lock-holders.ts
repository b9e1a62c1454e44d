import { type ConnectionPool, type Queryable, withConnection } from './connection-pool.ts';
import { epochLockKeySql } from './epoch-table.ts';

/** A session that has held the epoch's lock for longer than any write transaction may. */
export interface LockHolder {
  readonly pid: number;
  readonly role: string;
  /** `application_name` of the session. */
  readonly application: string;
  /** Age of its transaction; undefined where it is hidden from this role. */
  readonly ageMs: number | undefined;
  /** `forbidden`: this role may not end it, or not see its age, and nobody gets the lock before it goes. */
  readonly end: 'ended' | 'forbidden';
}

export interface LockHoldersOptions {
  readonly control: ConnectionPool;
  /** Names the epoch row. */
  readonly name: string;
  readonly totalMs: number;
}

/**
 * Ends the sessions whose write transactions have lived for longer than they may, so that neither a stopped
 * writer nor a host that is gone holds up a new epoch, whatever PostgreSQL has not noticed.
 *
 * This is safe at any moment: the transaction is rolled back, or its COMMIT was done before, and the writer that
 * lost its connection asks which. A COMMIT that waits for a synchronous standby is let be: ended, it would count as
 * committed without being there.
 */
export async function endOverdueHolders(options: LockHoldersOptions): Promise<LockHolder[]> {
  return withConnection(options.control, async (db) => {
    const { rows } = await db.query({
      text: `SELECT pid, usename AS role, application_name AS application, xact_start::text AS began,
                    extract(epoch FROM clock_timestamp() - xact_start) * 1000 AS age_ms
             FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND (classid::bigint << 32) | objid::bigint = ${epochLockKeySql(options.name)}
               AND ${isNotReplicatingSql}
               AND coalesce(xact_start < clock_timestamp() - $1 * interval '1 ms', true)`,
      values: [options.totalMs],
    });
    const holders: LockHolder[] = [];
    for (const row of rows) {
      const holder = await endHolder(db, row);
      if (holder !== undefined) holders.push(holder);
    }
    return holders;
  });
}

/** Its COMMIT does not wait for a synchronous standby. Asked again by the statement that ends it. */
const isNotReplicatingSql = `wait_event IS DISTINCT FROM 'SyncRep'`;

/**
 * When a transaction of another role began is hidden, and it is left alone: it may be young. Undefined for one that
 * has ended by itself meanwhile.
 */
async function endHolder(
  db: Queryable,
  row: Record<string, unknown>,
): Promise<LockHolder | undefined> {
  const { pid, role, application, began, age_ms: ageMs } = row;
  const holder = {
    pid: Number(pid),
    role: String(role),
    application: String(application),
    ageMs: ageMs === null ? undefined : Math.round(Number(ageMs)),
  };
  try {
    // Compared with the moment it began, since the session may have ended and its id been given to another.
    const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE pid = $1 AND xact_start = $2::timestamptz AND ${isNotReplicatingSql}`;
    if (began === null) return { ...holder, end: 'forbidden' };
    const { rowCount } = await db.query({ text: sql, values: [pid, began] });
    return rowCount === 0 ? undefined : { ...holder, end: 'ended' };
  } catch (err) {
    if (!isForbidden(err)) throw err;
    return { ...holder, end: 'forbidden' };
  }
}

/** insufficient_privilege */
function isForbidden(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === '42501';
}
