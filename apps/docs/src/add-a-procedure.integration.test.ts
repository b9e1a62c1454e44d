import { expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';
import { textOf } from './repository.ts';
import { type ServiceProcess, startService } from './service-process.ts';

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

    await using service = await startService(copy.directory);
    expect(await bySku(service, 'DES-00001')).toMatchObject({
      cache: expect.stringMatching(/^(hit|miss)$/),
      answer: { result: { data: { id: 1, sku: 'DES-00001' } } },
    });
    expect(await bySku(service, 'NOBODY-HAS-IT')).toEqual({
      cache: 'none',
      answer: { result: { data: null } },
    });
  },
);

async function bySku({ url }: ServiceProcess, sku: string) {
  const input = encodeURIComponent(JSON.stringify({ sku }));
  const response = await fetch(`${url}/product.bySku?input=${input}`);
  return { cache: response.headers.get('x-cache'), answer: await response.json() };
}
