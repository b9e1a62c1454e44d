import { openAccounts } from '@throughline/example-account-balance';
import { createTestDatabase, startTestRedis } from '@throughline/local-stack/testing';
import { checkHistory, type HistoryOperation } from '@throughline/write-through/testing';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './published-package.ts';

type Accounts = Awaited<ReturnType<typeof openAccounts>>;

/** Each is as one process: with connections, and knowledge of the cache, of its own. */
async function openProcesses(count: number): Promise<Accounts[]> {
  const opened = new AsyncDisposableStack();
  onTestFinished(async () => opened.disposeAsync());
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  opened.use(database);
  opened.use(redis);
  const stores = { databaseUrl: database.url, redis: { url: redis.url } };
  const processes = await Promise.all(
    Array.from({ length: count }, async () => openAccounts(stores)),
  );
  for (const accounts of processes) opened.use(accounts);
  return processes;
}

test('what one process deposited is read from the cache by another', async () => {
  const [one, other] = await openProcesses(2);
  await one?.open('DE1');
  await one?.deposit('DE1', 2_500);
  expect(await other?.read('DE1')).toEqual({ outcome: 'hit', value: 2_500 });
  expect(await other?.read('DE2')).toMatchObject({ value: undefined });
});

test('a deposit that PostgreSQL refuses, or to no account, changes nothing', async () => {
  const [accounts] = await openProcesses(1);
  await accounts?.open('DE1');
  await accounts?.deposit('DE1', 100);
  await expect(accounts?.deposit('DE1', -101)).rejects.toThrow('accounts_cents_check');
  await expect(accounts?.deposit('DE2', 1)).rejects.toThrow('There is no account DE2.');
  expect(await accounts?.read('DE1')).toMatchObject({ value: 100 });
});

test('no read is stale while three processes read and deposit at once', async () => {
  const processes = await openProcesses(3);
  const numbers = ['DE1', 'DE2'];
  for (const number of numbers) await processes[0]?.open(number);
  const operations: HistoryOperation[] = [];
  // A deposit of one cent makes the balance the version, less the one that the account began with.
  const observe = async (
    kind: HistoryOperation['kind'],
    key: string,
    versionOf: () => Promise<number>,
  ) => {
    const beganMs = performance.now();
    const version = await versionOf();
    operations.push({ kind, key, version, beganMs, endedMs: performance.now() });
  };
  const outcomes = new Set<string>();
  const works = processes.flatMap((accounts) =>
    numbers.flatMap((number) => [
      async () => {
        for (let index = 0; index < 20; index += 1) {
          await observe('write', number, async () => {
            return (await accounts.deposit(number, 1)).value.version;
          });
        }
      },
      async () => {
        for (let index = 0; index < 150; index += 1) {
          await observe('read', number, async () => {
            const { outcome, value = Number.NaN } = await accounts.read(number);
            outcomes.add(outcome);
            return value + 1;
          });
        }
      },
    ]),
  );
  await Promise.all(works.map(async (work) => work()));

  expect(operations.length).toBe(3 * 2 * 170);
  expect(checkHistory(operations)).toEqual([]);
  expect([...outcomes]).toContain('hit');
  for (const number of numbers)
    expect(await processes[1]?.read(number)).toMatchObject({ value: 60 });
});

test('its code is thirty lines, tables and imports counted', async () => {
  const text = await readFile(path.join(root, 'examples/account-balance/accounts.ts'), 'utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('/**'));
  expect(lines.length).toBeLessThanOrEqual(30);
});
