import { DatabaseUnavailableError } from '../../errors.ts';
import type { Transaction, Transactions } from '../../transactions.ts';
import { LastStatements } from '../last-statements.ts';
import type { RegisterSession } from '../register-session.ts';
import type { RegisterDatabase } from './engine-ports.ts';
import type { Network, NetworkProcess, NetworkStep } from './network.ts';

/**
 * The transactions of one process, with every message in the hands of the network. A message that fails breaks
 * its connection: some turns later the database rolls back what was open on it.
 */
export function networkedTransactions(
  database: RegisterDatabase,
  network: Network,
  process: NetworkProcess,
): Transactions<RegisterSession> {
  const { transactions } = database;
  const breakLater = (transaction: Transaction<RegisterSession>): void => {
    void network
      .turn(`${process.name} connection is found broken`)
      .then(async () => database.cutOff(transaction));
  };
  const call = async <Result>(step: NetworkStep, send: () => Promise<Result>): Promise<Result> => {
    let refused: unknown;
    try {
      return await network.call(process, step, async () => {
        try {
          return await send();
        } catch (err) {
          refused = err;
          throw err;
        }
      });
    } catch (err) {
      throw refused === undefined ? new DatabaseUnavailableError(String(err)) : err;
    }
  };
  return {
    begin: async () => {
      let isOwned = true;
      let begun: Transaction<RegisterSession> | undefined;
      process.onDeath(() => begun && breakLater(begun));
      try {
        const transaction = await call('begin', async () => {
          begun = await transactions.begin();
          if (!isOwned || !process.isAlive) breakLater(begun);
          return begun;
        });
        return networked(transaction, call, breakLater);
      } catch (err) {
        isOwned = false;
        if (begun !== undefined) breakLater(begun);
        throw err;
      }
    },
    statuses: async (xids) => call('statuses', async () => transactions.statuses(xids)),
  };
}

function networked(
  transaction: Transaction<RegisterSession>,
  call: <Result>(step: NetworkStep, send: () => Promise<Result>) => Promise<Result>,
  breakLater: (transaction: Transaction<RegisterSession>) => void,
): Transaction<RegisterSession> {
  let hasEnded = false;
  // Messages of one connection keep their order: what arrives after the end is of no transaction.
  const inOrder = async <Result>(send: () => Promise<Result>): Promise<Result> => {
    if (hasEnded) throw new Error('The transaction has ended.');
    return send();
  };
  const ending = async <Result>(send: () => Promise<Result>): Promise<Result> =>
    inOrder(async () => {
      hasEnded = true;
      return send();
    });
  const { db } = transaction;
  const last = new LastStatements();
  return {
    xid: transaction.xid,
    epochRow: transaction.epochRow,
    db: {
      increment: async (id, by) =>
        call('query', async () => inOrder(async () => db.increment(id, by))),
      find: async (id) => call('query', async () => inOrder(async () => db.find(id))),
      fail: async () => call('query', async () => inOrder(async () => db.fail())),
    },
    last: last.session,
    ask: async (question) => call('statuses', async () => transaction.ask(question)),
    commit: async () => {
      const statements = last.take();
      try {
        const { outcome, answers } = await call('commit', async () =>
          ending(async () => {
            const sent = statements.map(async ({ run }) => run(transaction.last));
            return { outcome: await transaction.commit(), answers: await Promise.all(sent) };
          }),
        );
        for (const answer of answers) answer.deliver();
        return outcome;
      } catch (err) {
        for (const { lose } of statements) lose(new DatabaseUnavailableError(String(err)));
        breakLater(transaction);
        return 'unknown';
      }
    },
    status: async () => call('statuses', async () => transaction.status()),
    rollback: async () => {
      for (const { lose } of last.take()) lose(new Error('The transaction was rolled back.'));
      try {
        await call('rollback', async () => ending(async () => transaction.rollback()));
      } catch {
        breakLater(transaction);
      }
    },
  };
}
