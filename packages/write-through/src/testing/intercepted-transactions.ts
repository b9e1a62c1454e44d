import type { Connection } from '../postgres/connection-pool.ts';
import type { Transaction, Transactions } from '../transactions.ts';

export type DatabaseStep = 'begin' | 'query' | 'commit' | 'rollback' | 'statuses';

/** Runs in place of a step: may hold it up, fail before or after it was sent, or both. */
type Around = <Reply>(
  step: DatabaseStep,
  send: () => Promise<Reply>,
  transaction?: Transaction<Connection>,
) => Promise<Reply>;

/**
 * The same transactions, with something to do before each step is sent; it may throw in its place.
 * `losesCommit`: the transaction ends, but nobody hears how.
 */
export function interceptedTransactions(
  transactions: Transactions<Connection>,
  before: (step: DatabaseStep, transaction?: Transaction<Connection>) => Promise<void>,
  losesCommit: () => boolean = () => false,
): Transactions<Connection> {
  const intercepted = transactionsAround(transactions, async (step, send, transaction) => {
    await before(step, transaction);
    return send();
  });
  return {
    ...intercepted,
    begin: async (open) => {
      const transaction = await intercepted.begin(open);
      const commit = async () => {
        const outcome = await transaction.commit();
        return losesCommit() ? 'unknown' : outcome;
      };
      return { ...transaction, commit };
    },
  };
}

/** The same transactions, with every step in other hands. */
export function transactionsAround(
  transactions: Transactions<Connection>,
  around: Around,
): Transactions<Connection> {
  return {
    begin: async (open) => {
      const transaction = await around('begin', async () => transactions.begin(open));
      const { xid, epochRow, db } = transaction;
      return {
        xid,
        epochRow,
        db: {
          query: async (config) => around('query', async () => db.query(config), transaction),
          queryAll: async (configs) =>
            around('query', async () => db.queryAll(configs), transaction),
        },
        // A part of COMMIT.
        last: transaction.last,
        commit: async () => around('commit', async () => transaction.commit(), transaction),
        ask: async (question) => around('statuses', async () => transaction.ask(question)),
        status: async () => around('statuses', async () => transaction.status()),
        rollback: async () => around('rollback', async () => transaction.rollback(), transaction),
      };
    },
    statuses: async (xids) => around('statuses', async () => transactions.statuses(xids)),
  };
}
