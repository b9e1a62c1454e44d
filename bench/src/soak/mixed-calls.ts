import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  anyOf,
  anyPrice,
  batchOf,
  byId,
  mutation,
  page,
  query,
  updatePrice,
} from '../workloads/calls.ts';
import { zipf } from '../workloads/zipf.ts';
import type { Visitors } from './visitor.ts';

const createdSchema = z.object({ result: z.object({ data: z.object({ id: z.number() }) }) });

/** Beyond every id. */
const absentId = 2_000_000_000;
const batchSize = 40;

/** What everybody does with a service in the course of a day, what they should not do among it: a share of the turns, and one turn. */
function kindsOf(
  products: number,
): readonly (readonly [number, (visitors: Visitors) => Promise<unknown>])[] {
  const draw = zipf(products);
  const some = (count: number) => Array.from({ length: count }, draw);
  return [
    [0.2, async (all) => all.ask(byId(draw()))],
    [0.5, async (all) => all.ask(batchOf(some(batchSize)))],
    [0.05, async (all) => all.ask(query('product.byIds', { ids: [...new Set(some(10))] }))],
    [0.08, async (all) => all.ask(page(anyOf(Math.ceil(products / 200)), 20))],
    [0.01, async (all) => all.ask(query('product.search', { query: `word${anyOf(2_047)}` }))],
    [0.01, async (all) => all.ask(query('product.popular', { limit: 10 }))],
    [0.06, async (all) => all.ask(updatePrice(draw(), anyPrice()))],
    [0.05, adjustStock],
    [0.02, createAndDelete],
    [
      0.02,
      async (all) => all.ask(byId(draw()), { token: `no.${randomUUID()}.token`, expects: 401 }),
    ],
    [0.02, async (all) => all.ask(query('product.byId', { id: randomUUID() }), { expects: 400 })],
    [0.01, async (all) => all.ask(byId(absentId + anyOf(100_000)), { expects: 404 })],
    [0.02, async (all) => all.ask(byId(draw()), { closes: true })],
    [0.01, async (all) => all.ask(page(1, 50), { leavesAfterMs: anyOf(8) })],
    [0.005, async (all) => all.ask(query('product.changes', {}), { leavesAfterMs: anyOf(100) })],
  ];

  /** Half with a key, and some of these twice. */
  async function adjustStock(all: Visitors): Promise<void> {
    const call = mutation('product.adjustStock', { id: draw(), delta: 1 });
    const asked = Math.random() < 0.5 ? {} : { key: randomUUID() };
    const first = await all.ask(call, asked);
    if (asked.key === undefined || Math.random() < 0.5) return;
    const again = await all.ask(call, asked);
    if (first !== undefined && again !== undefined && first !== again) {
      all.unexpected.push(`A repeated call was answered otherwise: ${first} then ${again}`);
    }
  }
}

async function createAndDelete(all: Visitors): Promise<void> {
  const input = { sku: randomUUID(), name: 'Made to be deleted', price: anyPrice(), categoryId: 1 };
  const created = await all.ask(mutation('product.create', input));
  if (created === undefined) return;
  const { id } = createdSchema.parse(JSON.parse(created)).result.data;
  await all.ask(byId(id));
  await all.ask(mutation('product.delete', { id }));
}

/** One turn after the other of what everybody does. */
export function mixedTurns(products: number): (visitors: Visitors) => Promise<void> {
  const kinds = kindsOf(products);
  const whole = kinds.reduce((sum, [share]) => sum + share, 0);
  return async (visitors) => {
    let left = Math.random() * whole;
    const chosen = kinds.find(([share]) => (left -= share) < 0);
    await chosen?.[1](visitors);
  };
}
