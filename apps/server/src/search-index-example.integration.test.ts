import { spawnNode } from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, it } from 'vitest';
import { someProduct } from './testing/real-service.ts';
import { openService } from './testing/service-on-stores.ts';

const example = path.resolve(import.meta.dirname, '../../../examples/search-index/search-index.ts');

it('the example of a search index holds what the catalogue does, and follows each change', async () => {
  await using at = await openService();
  const { client, url, token } = at.service;
  const { id, categoryId } = await someProduct(at.service);
  await using run = spawnNode(example, { env: { URL: url, TOKEN: token } });
  const printed = async (line: string) =>
    expect.poll(() => run.stdout, { timeout: 10_000 }).toContain(line);
  await printed('1 products are indexed');
  await client.product.update.mutate({ id, name: 'Desk lamp, brass' });
  await printed(`product ${id}: desk lamp brass`);
  const added = { sku: 'CHAIR-1', name: 'Chair', price: '5.00', categoryId };
  const { id: chairId } = await client.product.create.mutate(added);
  await printed(`product ${chairId}: chair`);
  await client.product.delete.mutate({ id });
  await printed(`product ${id}: gone`);
});
