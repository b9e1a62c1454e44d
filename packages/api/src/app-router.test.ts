import { expect, test } from 'vitest';
import { z } from 'zod';
import { createAppRouter } from './app-router.ts';
import { InMemoryCacheAdmin } from './testing/in-memory-cache-admin.ts';
import { InMemoryProducts } from './testing/in-memory-products.ts';

/** The procedures as the contract lists them: name, kind, scope. */
const contract = [
  ['product.byId', 'query', 'catalog:read'],
  ['product.byIds', 'query', 'catalog:read'],
  ['product.byCategory', 'query', 'catalog:read'],
  ['product.search', 'query', 'catalog:read'],
  ['product.popular', 'query', 'catalog:read'],
  ['product.create', 'mutation', 'catalog:write'],
  ['product.update', 'mutation', 'catalog:write'],
  ['product.updatePrice', 'mutation', 'catalog:write'],
  ['product.adjustStock', 'mutation', 'catalog:write'],
  ['product.delete', 'mutation', 'catalog:write'],
  ['category.list', 'query', 'catalog:read'],
  ['category.create', 'mutation', 'catalog:write'],
  ['cache.status', 'query', 'cache:admin'],
  ['cache.invalidate', 'mutation', 'cache:admin'],
  ['cache.reset', 'mutation', 'cache:admin'],
  ['cache.inspect', 'query', 'cache:admin'],
  ['cache.warm', 'mutation', 'cache:admin'],
  ['cache.verify', 'mutation', 'cache:admin'],
];

test('the service has the procedures of the contract, each of its kind and scope, and no other', () => {
  const router = createAppRouter({
    products: new InMemoryProducts(),
    admin: new InMemoryCacheAdmin(),
    status: neverAsked,
  });
  // oxlint-disable-next-line no-underscore-dangle -- the library lists its procedures nowhere else
  const declared: unknown = router._def.procedures;
  const procedures = Object.entries(z.record(z.string(), z.custom<Declared>()).parse(declared));
  expect(procedures.map(([name, { _def }]) => [name, _def.type, _def.meta?.scope])).toEqual(
    contract,
  );
});

interface Declared {
  readonly _def: { readonly type: string; readonly meta?: { readonly scope: string } };
}

function neverAsked(): never {
  throw new Error('The status is not asked for here.');
}
