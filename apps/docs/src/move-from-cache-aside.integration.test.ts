import { spawnNode, startTestRedis } from '@throughline/local-stack/testing';
import path from 'node:path';
import { Client } from 'pg';
import { createClient } from 'redis';
import { expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';
import { root, textOf } from './repository.ts';
import { startService } from './service-process.ts';

const patience = { timeout: 20_000 };

test(
  'the program of docs/tasks/move-from-cache-aside.md forgets what has changed, and ends when it cannot go on',
  { timeout: 120_000 },
  async () => {
    await using copy = await RepositoryCopy.make();
    await copy.follow(await textOf('docs/tasks/move-from-cache-aside.md'));
    await copy.compile('examples/quickstart');
    await using service = await startService(root);
    await using database = await openDatabase(service.databaseUrl);
    await using old = await startOldCache();
    const start = (token?: string) =>
      spawnNode(path.join(copy.directory, 'examples/quickstart/forget-old-keys.ts'), {
        env: { URL: service.url, OLD_REDIS_URL: old.url, ...(token && { TOKEN: token }) },
      });

    await old.fill();
    await using program = start();
    await expect.poll(old.products, patience).toEqual([]);
    await old.fill();
    await database.query('UPDATE products SET price = price + 1 WHERE id = 2');
    await expect.poll(old.products, patience).toEqual(['product:1', 'product:3']);
    await database.query('INSERT INTO write_through_outbox (key) VALUES (NULL)');
    await expect.poll(old.products, patience).toEqual([]);
    expect(await old.others()).toEqual(['session:1']);
    expect(program.stderr).toEqual([]);

    await using refused = start('not-a-token');
    expect(await refused.exit).toEqual({ code: 1, signal: null });
    expect(refused.stderr.join('\n')).toContain('TOKEN_REJECTED');
  },
);

/** What the application kept in its own Redis. */
async function startOldCache() {
  await using opening = new AsyncDisposableStack();
  const { url } = opening.use(await startTestRedis());
  const redis = createClient({ url });
  await redis.connect();
  opening.defer(() => redis.destroy());
  const keys = async (pattern: string) => (await redis.keys(pattern)).toSorted();
  const opened = opening.move();
  return {
    url,
    fill: async () => {
      for (const key of ['product:1', 'product:2', 'product:3', 'session:1']) {
        await redis.set(key, 'old');
      }
    },
    products: async () => keys('product:*'),
    others: async () => keys('session:*'),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Whoever changes the catalogue without the service. */
async function openDatabase(connectionString: string) {
  const db = new Client({ connectionString });
  await db.connect();
  return Object.assign(db, { [Symbol.asyncDispose]: async () => db.end() });
}
