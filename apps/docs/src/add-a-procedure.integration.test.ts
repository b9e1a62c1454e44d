import { prepareDatabase } from '@throughline/demo';
import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  spawnNode,
} from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';
import { textOf } from './repository.ts';

test(
  'whoever follows docs/tasks/add-a-procedure.md has a procedure that type-checks, passes its tests and answers',
  { timeout: 240_000 },
  async () => {
    await using copy = await RepositoryCopy.make();
    await copy.follow(await textOf('docs/tasks/add-a-procedure.md'));

    for (const directory of ['packages/product-repository', 'packages/api', 'apps/server']) {
      await copy.compile(directory);
    }
    const tests = ['packages/api/src', 'apps/server/src/procedures', 'apps/server/src/access'];
    const told = await copy.test(...tests);
    expect(told).toContain('a product is found by its SKU, and null is answered where none has it');

    await using service = await startServiceOf(copy);
    expect(await service.bySku('DES-00001')).toMatchObject({
      cache: expect.stringMatching(/^(hit|miss)$/),
      answer: { result: { data: { id: 1, sku: 'DES-00001' } } },
    });
    expect(await service.bySku('NOBODY-HAS-IT')).toEqual({
      cache: 'none',
      answer: { result: { data: null } },
    });
  },
);

/** The service of the copy on the demo catalogue. */
async function startServiceOf(copy: RepositoryCopy) {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  await prepareDatabase(database.url);
  const program = opening.use(
    spawnNode(path.join(copy.directory, 'apps/server/src/main.ts'), {
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: localStack().redisUrl,
        CACHE_NAMESPACE: redisKeyPrefix(),
        AUTH_PUBLIC_READS: 'true',
        PORT: '0',
        METRICS_PORT: '0',
      },
    }),
  );
  const [, url = ''] = await program.waitForLine(/"url":"(http[^"]+\/trpc)"/, 60_000);
  await program.waitForLine(/"msg":"ready"/, 60_000);
  const opened = opening.move();
  return {
    async bySku(sku: string) {
      const input = encodeURIComponent(JSON.stringify({ sku }));
      const response = await fetch(`${url}/product.bySku?input=${input}`);
      return { cache: response.headers.get('x-cache'), answer: await response.json() };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
