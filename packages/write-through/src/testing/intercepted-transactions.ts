import type { Queryable } from '../postgres/connection-pool.ts';
import type { Transaction, Transactions } from '../transactions.ts';

export type DatabaseStep = 'begin' | 'query' | 'commit' | 'rollback' | 'statuses';

/**
 * The same transactions, with something to do before each step is sent; it may throw in its place.
 * `losesCommit`: the transaction ends, but nobody hears how.
 */
export function interceptedTransactions(
  transactions: Transactions<Queryable>,
  before: (step: DatabaseStep, transaction?: Transaction<Queryable>) => Promise<void>,
  losesCommit: () => boolean = () => false,
): Transactions<Queryable> {
  return {
    begin: async () => {
      await before('begin');
      const transaction = await transactions.begin();
      return {
        xid: transaction.xid,
        epochRow: transaction.epochRow,
        db: {
          query: async (config) => {
            await before('query', transaction);
            return transaction.db.query(config);
          },
        },
        commit: async () => {
          await before('commit', transaction);
          const outcome = await transaction.commit();
          return losesCommit() ? 'unknown' : outcome;
        },
        status: async () => {
          await before('statuses');
          return transaction.status();
        },
        rollback: async () => {
          await before('rollback', transaction);
          return transaction.rollback();
        },
      };
    },
    statuses: async (xids) => {
      await before('statuses');
      return transactions.statuses(xids);
    },
  };
}
