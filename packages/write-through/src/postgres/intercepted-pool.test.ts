import { expect, it } from 'vitest';
import type { Connection, ConnectionPool, QueryResult } from './connection-pool.ts';
import { interceptedPool } from './intercepted-pool.ts';

const both = [{ text: 'first' }, { text: 'second' }];

it('statements that are sent together stay so, in their order, however long each is held up', async () => {
  const { pool, sent } = memoryPool();
  const held = Promise.withResolvers<void>();
  const intercepted = interceptedPool(pool, async ({ text }, send) => {
    if (text === 'first') await held.promise;
    return send({ text: `${text}, seen` });
  });
  const answers = (await intercepted.acquire()).queryAll(both);
  expect(sent).toEqual([]);
  held.resolve();
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  expect(sent).toEqual([['first, seen', 'second, seen']]);
});

it.each(['first', 'second'])('none of them is sent if the %s is not let through', async (which) => {
  const { pool, sent } = memoryPool();
  const intercepted = interceptedPool(pool, async ({ text }, send) => {
    if (text === which) throw new Error('not this one');
    return send();
  });
  const connection = await intercepted.acquire();
  await expect(connection.queryAll(both)).rejects.toThrow('not this one');
  expect(sent).toEqual([]);
});

it('each gets its own answer, and what its interception makes of that', async () => {
  const { pool } = memoryPool();
  const intercepted = interceptedPool(pool, async ({ text }, send) => {
    const result = await send();
    if (text === 'first') throw new Error('lost on its way');
    return result;
  });
  const [first, second] = await (await intercepted.acquire()).queryAll(both);
  expect(first).toMatchObject({ status: 'rejected' });
  expect(second).toMatchObject({ status: 'fulfilled', value: { command: 'second' } });
});

/** Answers every statement with its text as the command. */
function memoryPool(): { pool: ConnectionPool; sent: string[][] } {
  const sent: string[][] = [];
  const connection: Connection = {
    query: async ({ text }) => answer(text),
    queryAll: async (queries) => {
      sent.push(queries.map(({ text }) => text));
      return Promise.allSettled(queries.map(async ({ text }) => answer(text)));
    },
  };
  return { pool: { acquire: async () => connection, release: async () => undefined }, sent };
}

function answer(command: string): QueryResult {
  return { rows: [], rowCount: 0, command };
}
