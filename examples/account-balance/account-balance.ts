import { env } from 'node:process';
import { openAccounts } from './accounts.ts';

await using accounts = await openAccounts({
  databaseUrl: env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
  redis: { url: env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' },
});
// What keeps Redis from being used, if it is not: PostgreSQL alone answers then.
const { problem } = accounts.store;
if (problem !== undefined) console.warn(problem);
const number = `DE${Date.now()}`;
await accounts.open(number);
await accounts.deposit(number, 2_500);
console.log(await accounts.read(number));
