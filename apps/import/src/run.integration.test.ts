import { createClient } from '@throughline/client';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { countsOf, runImport, scratchDirectory, startService } from './testing/running-service.ts';

/** Each starts a service and a few imports. */
const patience = { timeout: 120_000 };

test(
  'JSON Lines are imported, what is rejected is mended and imported, and the next import leaves all of it alone',
  patience,
  async () => {
    await using directory = await scratchDirectory();
    await using service = await startService();
    const file = path.join(directory.path, 'products.jsonl');
    const rows = [
      {
        sku: 'A',
        name: 'Alpha',
        price: 1.5,
        category: 'Öl & Lamps',
        images: ['https://i.example/1'],
      },
      { sku: 'B', name: 'Beta', price: '2.999', category: 'lamps' },
      { sku: 'C', name: 'Gamma', price: '3', category: 'desks', stock: 4 },
    ];
    await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\r\n'));
    await using first = runImport(file, service, ['--create-categories']);
    expect((await first.exit).code).toBe(2);
    expect(countsOf(first.stdout.join('\n'))).toEqual({
      created: 2,
      updated: 0,
      unchanged: 0,
      rejected: 1,
    });

    const rejected = `${file}.rejected`;
    const told = await readFile(rejected, 'utf8');
    expect(told).toMatch(/^\/\/ line 2: price is not a decimal .*\n\{"sku":"B"/);
    await writeFile(rejected, told.replace('2.999', '2.99'));
    await using mended = runImport(rejected, service);
    expect((await mended.exit).code).toBe(0);
    await expect(stat(`${rejected}.rejected`)).rejects.toThrow('ENOENT');

    await writeFile(
      file,
      rows
        .map((row) => JSON.stringify({ ...row, price: row.sku === 'B' ? '2.99' : row.price }))
        .join('\n'),
    );
    await using again = runImport(file, service);
    expect((await again.exit).code).toBe(0);
    expect(countsOf(again.stdout.join('\n'))).toEqual({
      created: 0,
      updated: 0,
      unchanged: 3,
      rejected: 0,
    });

    const { items } = await createClient(service).product.search.query({ query: 'alpha' });
    expect(items).toMatchObject([
      { sku: 'A', price: '1.50', category: { name: 'Öl & Lamps', slug: 'ol-lamps' } },
    ]);
  },
);

test('what cannot begin is said in words, and ends with 1', patience, async () => {
  await using directory = await scratchDirectory();
  await using service = await startService();
  const file = path.join(directory.path, 'products.csv');
  const saidOf = async (text: string, token = service.token, args: string[] = []) => {
    await writeFile(file, text);
    await using run = runImport(file, { url: service.url, token }, args);
    return [(await run.exit).code, run.stderr[0]];
  };
  const row = 'sku,name,price,category\nA,a,1,lamps\n';
  expect(await saidOf('sku,name\n')).toEqual([1, expect.stringMatching(/^The header lacks price/)]);
  expect(await saidOf(row, 'no.valid.token')).toEqual([1, expect.stringMatching(/TOKEN_REJECTED/)]);
  await writeFile(`${file}.progress`, 'none');
  expect(await saidOf(row)).toEqual([1, expect.stringMatching(/cannot be read. Begin anew/)]);
  expect(await saidOf(row, service.token, ['--restart'])).toEqual([0, expect.anything()]);
  await using missing = runImport(path.join(directory.path, 'none.csv'), service);
  expect([(await missing.exit).code, missing.stderr[0]]).toEqual([
    1,
    expect.stringMatching(/ENOENT/),
  ]);
});
