/**
 * A process that writes register 1 and stops half way, to be killed there:
 * `node stopping-writer.ts DATABASE_URL REDIS_URL PREFIX 'before commit'|'before publish'`
 */
import { Gate } from './gate.ts';
import { interceptedStore } from '../intercepted-store.ts';
import { interceptedTransactions } from './intercepted-transactions.ts';
import { openRedisEntryStore } from './open-redis-entry-store.ts';
import { RegisterBed } from './register-bed.ts';

const [databaseUrl = '', url = '', prefix = '', stop = ''] = process.argv.slice(2);
const gate = new Gate();
const store = interceptedStore(await openRedisEntryStore({ url, prefix }), async (step, send) => {
  if (step === 'publish' && stop === 'before publish') await gate.pass();
  return send();
});
const bed = await RegisterBed.open({
  databaseUrl,
  store,
  wrap: (transactions) =>
    interceptedTransactions(transactions, async (step) => {
      if (step === 'commit' && stop === 'before commit') await gate.pass();
    }),
});
void gate.arrived.then(() => process.stdout.write('stopped\n'));
await bed.set(1, 'second');
await new Promise((resolve) => setInterval(resolve, 60_000));
