import { openWriteThrough, type Row } from '@throughline/write-through/open';

const createTables = `CREATE TABLE IF NOT EXISTS accounts
  (number text PRIMARY KEY, cents bigint NOT NULL CHECK (cents >= 0), version integer NOT NULL)`;
const select = 'SELECT * FROM accounts WHERE number = ANY($1)';
const insert = 'INSERT INTO accounts VALUES ($1, $2, 1) RETURNING *';
const update = `UPDATE accounts SET cents = cents + $2, version = version + 1
  WHERE number = $1 RETURNING *`;
const id = (row: Row) => String(row['number']);
const record = (row: Row) => ({ version: Number(row['version']), value: Number(row['cents']) });

/** Accounts whose balance, in cents, is never read stale, whichever process wrote it. */
export async function openAccounts(stores: { databaseUrl: string; redis: { url: string } }) {
  const { cache, records, ...opened } = await openWriteThrough({
    ...stores,
    name: 'bank',
    createTables,
  });
  const accounts = records({ namespace: 'account', schema: 1, lifeMs: 60_000, select, id, record });
  const write = async (text: string, number: string, cents: number) =>
    cache.change(accounts, number, async (db) => {
      const [row] = (await db.query({ text, values: [number, cents] })).rows;
      if (row === undefined) throw new Error(`There is no account ${number}.`);
      return record(row);
    });
  return {
    ...opened,
    open: async (number: string) => write(insert, number, 0),
    read: async (number: string) => accounts.read(number),
    deposit: async (number: string, cents: number) => write(update, number, cents),
  };
}
