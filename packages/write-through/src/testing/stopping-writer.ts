/**
 * A process that writes register 1 and stops on its way until it is continued or killed:
 * `node stopping-writer.ts '{"databaseUrl": …, "redisUrl": …, "prefix": …, "text": …, "stopAt": …}'`
 *
 * It prints `stopped <moment>`, and `ended <version>` or `ended <name of an error>`.
 */
import { Gate } from './gate.ts';
import { interceptedStore } from '../intercepted-store.ts';
import type { TransactionLimits } from '../postgres/transaction-limits.ts';
import { transactionsAround } from './intercepted-transactions.ts';
import { openRedisEntryStore } from './open-redis-entry-store.ts';
import { RegisterBed } from './register-bed.ts';

export interface StoppingWriterOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly text: string;
  /** The moment, such as `before commit` or `after intend`, or which one of all, from 1. */
  readonly stopAt: string | number;
  readonly onFailure?: 'reject' | 'degrade';
  readonly transactionLimits?: Partial<TransactionLimits>;
}

const given: StoppingWriterOptions = JSON.parse(process.argv[2] ?? '{}');
const gate = new Gate();
let moments = 0;
let isWriting = false;

async function moment(name: string): Promise<void> {
  if (!isWriting) return;
  moments += 1;
  if (given.stopAt !== name && given.stopAt !== moments) return;
  process.stdout.write(`stopped ${name}\n`);
  await gate.pass();
}

async function around<Reply>(step: string, send: () => Promise<Reply>): Promise<Reply> {
  await moment(`before ${step}`);
  const reply = await send();
  await moment(`after ${step}`);
  return reply;
}

process.on('SIGCONT', () => gate.open());
const store = await openRedisEntryStore({ url: given.redisUrl, prefix: given.prefix });
const bed = await RegisterBed.open({
  ...given,
  store: interceptedStore(store, around),
  // Whoever is to stop at PUBLISH must not have answered before.
  limits: { publishWaitMs: 60_000 },
  wrap: (transactions) => transactionsAround(transactions, around),
});
isWriting = true;
const end = await bed.set(1, given.text).then(
  ({ version }) => String(version),
  (err: unknown) => (err instanceof Error ? err.name : String(err)),
);
process.stdout.write(`ended ${end}\n`);
await new Promise((resolve) => setInterval(resolve, 60_000));
