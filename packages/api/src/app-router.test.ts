import { initTRPC } from '@trpc/server';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createAppRouter } from './app-router.ts';
import { declaredScopes } from './declared-scopes.ts';
import { InMemoryCacheAdmin } from './testing/in-memory-cache-admin.ts';
import { InMemoryProducts } from './testing/in-memory-products.ts';
import * as trpc from './trpc.ts';

test('the service has the procedures of the table in the README, each of its kind and scope, and no other', async () => {
  const declared = declaredScopes(
    createAppRouter({
      products: new InMemoryProducts(),
      admin: new InMemoryCacheAdmin(),
      status: neverAsked,
    }),
  );
  const rows = [...declared].map(([name, { type, scope }]) => [
    `\`${name}\``,
    type,
    `\`${scope}\``,
  ]);
  expect(rows.sort(byName)).toEqual((await documentedRows()).sort(byName));
});

test('what looks into the cache or at it is for its administrators alone', () => {
  const router = createAppRouter({
    products: new InMemoryProducts(),
    admin: new InMemoryCacheAdmin(),
    status: neverAsked,
  });
  for (const [name, { scope }] of declaredScopes(router)) {
    expect([name, scope === 'cache:admin']).toEqual([name, name.startsWith('cache.')]);
  }
});

test('every builder of procedures that leaves its file has a scope', () => {
  const { router, ...builders } = trpc;
  expect(Object.keys(builders).sort()).toEqual([
    'adminProcedure',
    'readProcedure',
    'writeProcedure',
  ]);
  const declared = Object.entries(builders).map(([name, builder]) =>
    declaredScopes(router({ [name]: builder.query(neverAsked) })).get(name),
  );
  expect(declared.every((each) => each !== undefined)).toBe(true);
});

test('a router with a procedure that declares no scope is refused, whoever made it', () => {
  const foreign = initTRPC.create().procedure.query(neverAsked);
  const router = trpc.router({ fine: trpc.readProcedure.query(neverAsked), open: foreign });
  expect(() => declaredScopes(router)).toThrow('The procedure open declares no scope.');
});

/** Name, kind and scope of each row. */
async function documentedRows(): Promise<string[][]> {
  const file = path.resolve(import.meta.dirname, '../../../README.md');
  const [, section = ''] = (await readFile(file, 'utf8')).split('\n## Procedures\n');
  const [table = ''] = section.split('\n## ');
  return table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim()),
    );
}

function byName([a = '']: string[], [b = '']: string[]): number {
  return a.localeCompare(b, 'en');
}

function neverAsked(): never {
  throw new Error('It is not asked for here.');
}
