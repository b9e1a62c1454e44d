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
 * For whom limits are set. `session`: once, and they hold for every transaction that follows in it. `transaction`: anew
 * for each and for nothing after it, since behind PgBouncer the next transaction of the session is somebody else's.
 */
export type LimitsScope = 'session' | 'transaction';

/**
 * Sets the limits, which are told by {@link transactionLimitsText}. A session remembers which were set for it. That is rolled
 * back with them, so none is taken for set that is not.
 */
export function setTransactionLimitsSql(limits: string, scope: LimitsScope): string {
  const isLocal = scope === 'transaction';
  const set = settings.map((name, index) => {
    const setting = `set_config('${name}', split_part(${limits}, ',', ${index + 1}), ${isLocal})`;
    return name === 'transaction_timeout'
      ? `CASE WHEN current_setting('server_version_num')::int >= ${totalLimitVersion}
         THEN ${setting} END`
      : setting;
  });
  if (isLocal) return `concat(${set.join(', ')})`;
  return `CASE WHEN current_setting('${limitsSetting}', true) IS DISTINCT FROM ${limits}
    THEN concat(${[...set, `set_config('${limitsSetting}', ${limits}, false)`].join(', ')}) END`;
}

/** Name of the setting in which a session remembers its limits. */
const limitsSetting = 'write_through.limits';

const settings = [
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
  'tcp_user_timeout',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'tcp_keepalives_count',
] as const;

export function transactionLimitsText(limits: TransactionLimits): string {
  const silenceSeconds = Math.ceil(limits.silenceMs / 1_000);
  return [
    limits.lockMs,
    limits.statementMs,
    limits.idleMs,
    limits.totalMs,
    limits.silenceMs,
    Math.ceil(silenceSeconds / 2),
    Math.ceil(silenceSeconds / 4),
    2,
  ].join(',');
}
