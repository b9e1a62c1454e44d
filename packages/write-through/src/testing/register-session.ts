import type { Queryable } from '../postgres/connection-pool.ts';
import type { Transaction, Transactions } from '../transactions.ts';

/** What a transaction writes registers through: the same over PostgreSQL and over a database in memory. */
export interface RegisterSession {
  /** Adds one to the version and signs it, after whoever writes the register has ended. The new row. */
  increment(id: number, by: string): Promise<RegisterRow>;
  /** A statement that the database refuses: throws, and the transaction can only roll back. */
  fail(): Promise<void>;
}

export interface RegisterRow {
  readonly version: number;
  /** Begins with the version, so that a payload tells its own. */
  readonly text: string;
}

/** The transactions of PostgreSQL, over the table of {@link createRegisterTables}. */
export function registerTransactions(
  transactions: Transactions<Queryable>,
): Transactions<RegisterSession> {
  return {
    begin: async () => sessionOf(await transactions.begin()),
    statuses: async (xids) => transactions.statuses(xids),
  };
}

export function versionOf(text: string | undefined): number {
  return text === undefined ? 0 : Number.parseInt(text, 10);
}

function sessionOf(transaction: Transaction<Queryable>): Transaction<RegisterSession> {
  return {
    xid: transaction.xid,
    epochRow: transaction.epochRow,
    commit: async () => transaction.commit(),
    status: async () => transaction.status(),
    rollback: async () => transaction.rollback(),
    db: {
      increment: async (id, by) => {
        const { rows } = await transaction.db.query({
          text: `UPDATE registers SET version = version + 1, text = (version + 1) || ' by ' || $2
                 WHERE id = $1 RETURNING version, text`,
          values: [id, by],
        });
        return { version: Number(rows[0]?.['version']), text: String(rows[0]?.['text']) };
      },
      fail: async () => {
        await transaction.db.query({ text: 'SELECT 1 / 0' });
      },
    },
  };
}
