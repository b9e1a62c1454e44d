import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Context } from '../experiments/context.ts';
import { plans } from '../plan.ts';
import type { Program } from '../program.ts';
import { openContext } from '../run.ts';
import { byId, page, updatePrice } from '../workloads/calls.ts';
import { Caller } from '../workloads/caller.ts';
import type { VariantName } from './variant.ts';
import { variantOf } from './variants.ts';

const readers = [
  'ours',
  'ours, no telemetry',
  'limit',
  'stock',
  'no cache, pg',
  'no cache, Sequelize',
  'classic',
  'bentocache',
  'cacheable',
  'cache-manager',
  'async-cache-dedupe',
] as const satisfies VariantName[];
const cachedWriters = ['classic', 'bentocache', 'cacheable', 'cache-manager'] as const;
const writers = ['ours', 'ours, no telemetry', 'async-cache-dedupe', ...cachedWriters] as const;

let opened: AsyncDisposableStack;
let context: Context;
let programs: ReadonlyMap<VariantName, Program>;
beforeAll(async () => {
  opened = new AsyncDisposableStack();
  const plan = { ...plans.quick, products: 200, readProducts: 200 };
  context = await openContext({ plan, only: undefined, say: () => {} }, opened);
  const names: VariantName[] = [...readers, 'database only'];
  programs = new Map(
    await Promise.all(
      names.map(
        async (name) =>
          [name, opened.use(await variantOf(name).start(context.surroundings))] as const,
      ),
    ),
  );
}, 90_000);
afterAll(async () => opened.disposeAsync());

const answer = z.object({ result: z.object({ data: z.looseObject({}) }) });

async function ask(name: VariantName, call: Parameters<Caller['ask']>[0]) {
  const program = programs.get(name);
  if (program === undefined) throw new Error(`${name} was not started.`);
  await using caller = new Caller({ ...program, token: context.token, connections: 1 });
  return answer.parse(JSON.parse(await caller.ask(call))).result.data;
}

it('every variant answers with the same product, from its cache too', async () => {
  const expected = await ask('ours', byId(7));
  expect(expected).toMatchObject({ id: 7, images: [{ position: 0 }], category: { id: 1 } });
  for (const name of readers) {
    expect(await ask(name, byId(7)), name).toEqual(expected);
    expect(await ask(name, byId(7)), name).toEqual(expected);
  }
});

it('pages hold the same products', async () => {
  const { items } = await ask('ours', page(1, 5));
  for (const name of ['no cache, pg', 'no cache, Sequelize', ...cachedWriters] as const) {
    expect((await ask(name, page(1, 5)))['items'], name).toEqual(items);
  }
});

it('a price that was changed is read from then on, one version later each time', async () => {
  for (const [index, name] of writers.entries()) {
    const id = 100 + index;
    const before = await ask(name, byId(id));
    const changed = await ask(name, updatePrice(id, '12.34'));
    expect(changed, name).toMatchObject({ price: '12.34', version: Number(before['version']) + 1 });
    expect(await ask(name, byId(id)), name).toEqual(changed);
  }
  const alone = await ask('database only', updatePrice(150, '12.34'));
  expect(alone).toMatchObject({ id: 150, price: '12.34', version: 2 });
});

it('without telemetry nothing of a call is counted but the time of the process', async () => {
  const [told, untold] = [programs.get('ours'), programs.get('ours, no telemetry')];
  expect(await told?.metric('trpc_requests_total')).toBeGreaterThan(0);
  expect(await told?.metric('cache_requests_total')).toBeGreaterThan(0);
  for (const name of [
    'trpc_requests_total',
    'cache_requests_total',
    'db_query_duration_seconds_count',
  ]) {
    expect(await untold?.metric(name), name).toBe(0);
  }
  expect(await untold?.cpuSeconds()).toBeGreaterThan(0);
});
