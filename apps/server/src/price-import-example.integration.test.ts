import { spawnNode } from '@throughline/local-stack/testing';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { addProducts } from './testing/add-products.ts';
import { someProduct } from './testing/real-service.ts';
import { openService } from './testing/service-on-stores.ts';

const example = path.resolve(import.meta.dirname, '../../../examples/price-import/price-import.ts');
const count = 400;

it('the example of a price import changes each price once, though it was killed half way', async () => {
  await using at = await openService();
  const { client, url, token } = at.service;
  const { id: afterId, categoryId } = await someProduct(at.service);
  await addProducts(at.databaseUrl, { afterId, count, categoryId });
  const ids = Array.from({ length: count }, (_, index) => afterId + 1 + index);
  const read = async () => {
    const batches = Array.from({ length: count / 100 }, (_, index) => index * 100);
    const answers = batches.map(async (from) =>
      client.product.byIds.query({ ids: ids.slice(from, from + 100) }),
    );
    return (await Promise.all(answers)).flat();
  };

  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'price-import-'));
  const file = path.join(folder.path, 'prices.csv');
  const lines = [
    ...ids.map((id) => `${id},${id}.50`),
    '999999,1.00',
    'lamp',
    `${afterId + 1},7.00`,
  ];
  await writeFile(file, lines.join('\r\n'));
  const start = () => spawnNode(example, { args: [file], env: { URL: url, TOKEN: token } });

  await using killed = start();
  const changed = async () => (await read()).filter((product) => product?.version === 2).length;
  await expect.poll(changed, { interval: 5, timeout: 20_000 }).toBeGreaterThan(count / 10);
  killed.kill('SIGKILL');
  await killed.exit;
  const before = await changed();
  expect(before).toBeLessThan(count);

  await using second = start();
  expect(await second.exit).toMatchObject({ code: 1 });
  expect(second.stderr.toSorted((a, b) => a.localeCompare(b))).toEqual([
    'line 401: PRODUCT_NOT_FOUND - There is no product 999999.',
    'line 402: is not like 17,19.90',
  ]);
  const [, now, replayed] = await second.waitForLine(
    /^403 lines: (\d+) changed, (\d+) .*, 2 failed$/,
  );
  expect(Number(now) + Number(replayed)).toBe(count + 1);
  expect(Number(replayed)).toBeGreaterThanOrEqual(before);
  const [first, ...others] = await read();
  expect(first).toMatchObject({ price: '7.00', version: 3 });
  expect(others.map((product) => [product?.price, product?.version])).toEqual(
    ids.slice(1).map((id) => [`${id}.50`, 2]),
  );
}, 60_000);
