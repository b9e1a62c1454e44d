/**
 * A process that drains the outbox and stops half way, to be killed there:
 * `node stopping-drain.ts DATABASE_URL REDIS_URL PREFIX 'before intend'|'before commit'|'before publish'`
 */
import { Gate } from './gate.ts';
import { interceptedStore } from '../intercepted-store.ts';
import { interceptedTransactions } from './intercepted-transactions.ts';
import { openRedisEntryStore } from './open-redis-entry-store.ts';
import { RegisterBed } from './register-bed.ts';

const [databaseUrl = '', url = '', prefix = '', stop = ''] = process.argv.slice(2);
const gate = new Gate();
const store = interceptedStore(await openRedisEntryStore({ url, prefix }), async (step, send) => {
  if (stop === `before ${step}`) await gate.pass();
  return send();
});
await RegisterBed.open({
  databaseUrl,
  store,
  drains: true,
  wrap: (transactions) =>
    interceptedTransactions(transactions, async (step) => {
      if (stop === `before ${step}`) await gate.pass();
    }),
});
void gate.arrived.then(() => process.stdout.write('stopped\n'));
await new Promise((resolve) => setInterval(resolve, 60_000));
