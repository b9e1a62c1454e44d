import { spawnNode } from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, it } from 'vitest';
import { someProduct } from './testing/real-service.ts';
import { openService } from './testing/service-on-stores.ts';

const examples = path.resolve(import.meta.dirname, '../../../examples');
const example = path.join(examples, 'stock-reservation/stock-reservation.ts');

it('the example of stock reservations sells what is there once, however many reserve at once', async () => {
  await using at = await openService();
  const { client, url, token } = at.service;
  const { id } = await someProduct(at.service);
  // Seventeen of them, for twenty orders of two.
  await client.product.adjustStock.mutate({ id, delta: 14 });
  const run = (...names: string[]) =>
    spawnNode(example, { args: [String(id), '2', ...names], env: { URL: url, TOKEN: token } });
  await using north = run(...namesOf('north'));
  await using south = run(...namesOf('south'));
  expect(await north.exit).toMatchObject({ code: 0 });
  expect(await south.exit).toMatchObject({ code: 0 });

  const told = [...north.stdout, ...south.stdout];
  const reserved = told.filter((line) => line.endsWith(': reserved'));
  expect(reserved).toHaveLength(8);
  expect(told.filter((line) => line.endsWith(': sold out'))).toHaveLength(12);
  expect(await client.product.byId.query({ id })).toMatchObject({ stock: 1 });

  // Who handles orders again takes nothing off again, but another line of the same order is another reservation.
  await client.product.adjustStock.mutate({ id, delta: 2 });
  const [name = ''] = reserved[0]?.split(':') ?? [];
  await using again = run(name, 'another');
  expect(await again.exit).toMatchObject({ code: 0 });
  expect(again.stdout.toSorted((a, b) => a.localeCompare(b))).toEqual([
    '1 left',
    'another: reserved',
    `${name}: reserved`,
  ]);
  await using amended = spawnNode(example, {
    args: [String(id), '1', name],
    env: { URL: url, TOKEN: token },
  });
  expect(await amended.exit).toMatchObject({ code: 0 });
  expect(amended.stdout).toEqual([`${name}: reserved`, '0 left']);

  // Nor does a price that has changed since make it another.
  await client.product.updatePrice.mutate({ id, price: '7.77' });
  await using late = run(name);
  expect(await late.exit).toMatchObject({ code: 0 });
  expect(late.stdout).toEqual([`${name}: reserved`, '0 left']);
});

function namesOf(shop: string): string[] {
  return Array.from({ length: 10 }, (_, index) => `${shop}-${index}`);
}
