import { spawnNode } from '@throughline/local-stack/testing';
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
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
  const [, changedInAll, replayed] = await second.waitForLine(
    /^403 lines: (\d+) changed, (\d+) of them by an attempt before, 2 failed$/,
  );
  expect(Number(changedInAll)).toBe(count + 1);
  expect(Number(replayed)).toBeGreaterThanOrEqual(before);
  const [first, ...others] = await read();
  expect(first).toMatchObject({ price: '7.00', version: 3 });
  expect(others.map((product) => [product?.price, product?.version])).toEqual(
    ids.slice(1).map((id) => [`${id}.50`, 2]),
  );
}, 60_000);

it('the example of a price import goes back to a file of before, and lets the later of two lines count', async () => {
  await using at = await openService();
  const { client, url, token } = at.service;
  const { id } = await someProduct(at.service);
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'price-import-'));
  const file = path.join(folder.path, 'prices.csv');
  const importOf = async (text: string) => {
    await writeFile(file, text);
    await using run = spawnNode(example, { args: [file], env: { URL: url, TOKEN: token } });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(await readdir(folder.path)).toEqual(['prices.csv']);
    const { price, version } = await client.product.byId.query({ id });
    return { said: run.stdout, price, version };
  };
  const { version } = await client.product.byId.query({ id });
  const first = `${id},1.00\n`;
  expect(await importOf(first)).toEqual({ said: said(1), price: '1.00', version: version + 1 });
  expect(await importOf(`${id},2.00\n`)).toMatchObject({ price: '2.00' });
  expect(await importOf(first)).toEqual({ said: said(1), price: '1.00', version: version + 3 });

  // Sent at once, they would take place in any order.
  const texts = Array.from({ length: 40 }, (_, index) => {
    return `${'0'.repeat(index % 4)}${id},${index}.00`;
  });
  expect(await importOf(texts.join('\n'))).toEqual({
    said: said(40),
    price: '39.00',
    version: version + 43,
  });
}, 60_000);

function said(lines: number): string[] {
  return [`${lines} lines: ${lines} changed, 0 of them by an attempt before, 0 failed`];
}
