/**
 * How long a write transaction may take, in milliseconds. PostgreSQL itself ends it then, so that no writer that
 * was stopped, cut off or forgotten can hold the others; each limit ends what the ones before it cannot see.
 */
export interface TransactionLimits {
  /** Longest wait for a row or the epoch's lock: many writers may queue for one hot product. */
  readonly lockMs: number;
  /** Longest statement. */
  readonly statementMs: number;
  /** Longest pause between two statements: a writer that was stopped or cut off. */
  readonly idleMs: number;
  /**
   * Longest transaction: one that never stops sending short statements. After it no statement and no COMMIT is
   * sent. PostgreSQL 17 and newer end it themselves; of any other, whoever needs the epoch's lock ends it.
   */
  readonly totalMs: number;
  /** Longest silence of a writer's machine while an answer is under way to it, or while it owes one. */
  readonly silenceMs: number;
}

export const defaultTransactionLimits: TransactionLimits = {
  lockMs: 3_000,
  statementMs: 5_000,
  idleMs: 5_000,
  totalMs: 10_000,
  silenceMs: 10_000,
};

/** The first version that has `transaction_timeout`. */
const totalLimitVersion = 170_000;

/**
 * Sets the limits for the transaction that it is sent in, and for nothing after it: behind PgBouncer the next
 * transaction of the same session is somebody else's.
 */
export function transactionLimitsSql(limits: TransactionLimits): string {
  const silenceSeconds = Math.ceil(limits.silenceMs / 1_000);
  return `SELECT ${setting('lock_timeout', limits.lockMs)},
    ${setting('statement_timeout', limits.statementMs)},
    ${setting('idle_in_transaction_session_timeout', limits.idleMs)},
    CASE WHEN current_setting('server_version_num')::int >= ${totalLimitVersion}
         THEN ${setting('transaction_timeout', limits.totalMs)} END,
    ${setting('tcp_user_timeout', limits.silenceMs)},
    ${setting('tcp_keepalives_idle', Math.ceil(silenceSeconds / 2))},
    ${setting('tcp_keepalives_interval', Math.ceil(silenceSeconds / 4))},
    ${setting('tcp_keepalives_count', 2)}`;
}

function setting(name: string, value: number): string {
  return `set_config('${name}', '${value}', true)`;
}
