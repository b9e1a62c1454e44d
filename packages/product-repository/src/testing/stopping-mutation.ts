/**
 * A process that adjusts the stock of a product by 1 under an idempotency key and stops half way, to be killed
 * there: `node stopping-mutation.ts DATABASE_URL REDIS_URL PREFIX PRODUCT_ID 'before commit'|'after commit'`
 */
import { interceptedStore } from '@throughline/write-through';
import { Gate, interceptedTransactions } from '@throughline/write-through/testing';
import { openRepositoryProcess } from './test-repository.ts';

const [databaseUrl = '', redisUrl = '', prefix = '', id = '', stop = ''] = process.argv.slice(2);
const gate = new Gate();
const { repository } = await openRepositoryProcess(
  new AsyncDisposableStack(),
  { databaseUrl, redisUrl, prefix },
  {
    store: (store) =>
      interceptedStore(store, async (step, send) => {
        if (step === 'publish' && stop === 'after commit') await gate.pass();
        return send();
      }),
    transactions: (transactions) =>
      interceptedTransactions(transactions, async (step) => {
        if (step === 'commit' && stop === 'before commit') await gate.pass();
      }),
  },
);
void gate.arrived.then(() => process.stdout.write('stopped\n'));
const request = { subject: 'someone', procedure: 'product.adjustStock', key: 'killed' };
await repository.adjustStock({ id: Number(id), delta: 1 }, request);
await new Promise((resolve) => setInterval(resolve, 60_000));
