import type { EpochRow } from '../epoch.ts';
import type { Query, QueryResult } from './connection-pool.ts';
import { epochLockKey, epochRowOf, incarnationSql } from './epoch-table.ts';
import { setWriterSql } from './outbox-table.ts';
import {
  type LimitsScope,
  setTransactionLimitsSql,
  type TransactionLimits,
  transactionLimitsText,
} from './transaction-limits.ts';

/** What BEGIN tells. */
export interface Begun {
  readonly xid: bigint;
  readonly epochRow: EpochRow;
  readonly incarnation: string;
}

/**
 * Begins a write transaction, in one round trip of separate statements: the lock first, and then the row that it
 * guards, in a snapshot taken after the wait. One statement for both may give the row of before.
 *
 * Prepared once a connection, for parsing them costs PostgreSQL more than running them. They name nothing but their
 * values, so that caches and limits that share a connection share them too.
 */
export function beginStatements(
  name: string,
  limits: TransactionLimits,
  scope: LimitsScope,
): readonly Query[] {
  return [
    { text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' },
    {
      name: 'write-through-lock',
      // The limits first: the lock wants a row that is there once they are set, and may be waited for.
      text: `SELECT pg_advisory_xact_lock_shared(hashtextextended($2::text, 0))
               FROM (SELECT concat(${setWriterSql('$1::text')}, ${setTransactionLimitsSql('$3::text', scope)})
                       AS settings OFFSET 0) AS beforehand
              WHERE settings <> ''`,
      values: [name, epochLockKey(name), transactionLimitsText(limits)],
    },
    {
      name: 'write-through-begun',
      text: `SELECT pg_current_xact_id()::text AS xid, ${incarnationSql} AS incarnation,
                    epoch.number, epoch.id, epoch.state, epoch.store_identity
               FROM (SELECT) AS one
               LEFT JOIN write_through_epochs AS epoch ON epoch.name = $1::text`,
      values: [name],
    },
  ];
}

/** Reads the answers to {@link beginStatements}; throws what the first that failed says. */
export function readBegun(answers: readonly PromiseSettledResult<QueryResult>[]): Begun {
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const last = answers.at(-1);
  const row = last?.status === 'fulfilled' ? last.value.rows[0] : undefined;
  const { xid, incarnation, number } = row ?? {};
  if (typeof xid !== 'string' || typeof incarnation !== 'string') {
    throw new TypeError('PostgreSQL did not tell its transaction id.');
  }
  return { xid: BigInt(xid), epochRow: epochRowOf(number === null ? undefined : row), incarnation };
}
