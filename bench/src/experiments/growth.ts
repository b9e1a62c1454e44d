import { Client } from 'pg';
import type { Cell, Curve, Turn } from '../measurements.ts';
import type { Program } from '../program.ts';
import { interleave, type Pace, type Trial } from '../runner.ts';
import { summarise } from '../statistics.ts';
import { openStores, redisDatabases, redisDatabaseUrl, type Stores } from '../stores.ts';
import { storeProducts } from '../stored-answers.ts';
import type { VariantName } from '../variants/variant.ts';
import { variantOf } from '../variants/variants.ts';
import {
  anyOf,
  anyPrice,
  batchOf,
  byId,
  type Call,
  page,
  updatePrice,
} from '../workloads/calls.ts';
import type { Context } from './context.ts';

const batchSizes = [1, 2, 5, 10, 20];
const concurrencies = [1, 4, 16, 64, 256];
/** Of descriptions; 62 make a product of 0.9 KB. */
const wordCounts = [20, 62, 250, 1_000, 4_000];
/** So many products are read where something else than their number grows. */
const fewProducts = 200;

/** CPU of a call in dependence on what there is, and on what is asked. */
export async function measureGrowth(context: Context): Promise<Curve[]> {
  const ofCalls = await growthOfCalls(context);
  return [...ofCalls, await growthOfCatalogue(context)];
}

async function growthOfCalls(context: Context): Promise<Curve[]> {
  context.say('growth: value size, batch size, concurrency');
  await using stores = await openStores({ products: fewProducts, categories: 'two' });
  await lengthen(stores);
  const storedUrl = redisDatabaseUrl(stores.redisUrl, redisDatabases.stored);
  const stored = await storeProducts(storedUrl, stores.plainDatabaseUrl, fewProducts);
  const bytes = wordCounts.map((_, index) => Buffer.byteLength(stored.get(index + 1) ?? ''));
  await using opened = new AsyncDisposableStack();
  const surroundings = { ...context.surroundings, stores };
  const running = new Map<VariantName, Program>();
  for (const name of ['ours', 'stock', 'limit'] as const) {
    running.set(name, opened.use(await variantOf(name).start(surroundings)));
  }
  const pace = paceOf(context);
  const trials = (variants: readonly VariantName[], x: number, call: () => Call): Trial[] =>
    [...running].flatMap(([variant, program]) =>
      variants.includes(variant) ? [{ workload: String(x), variant, program, call }] : [],
    );
  const all: VariantName[] = ['ours', 'stock', 'limit'];
  const sizes = bytes.flatMap((size, index) => trials(all, size, () => byId(index + 1)));
  const anyShort = () => wordCounts.length + anyOf(fewProducts - wordCounts.length);
  const batches = batchSizes.flatMap((size) =>
    trials(['ours', 'stock'], size, () => batchOf(Array.from({ length: size }, anyShort))),
  );
  const byConcurrency: Cell[] = [];
  for (const connections of concurrencies) {
    const call = () => byId(anyShort());
    byConcurrency.push(
      ...(await interleave(trials(all, connections, call), { ...pace, connections })),
    );
  }
  return [
    curveOf(await interleave(sizes, pace), {
      name: 'value-size',
      title: 'CPU of a cached read by the size of the product',
      xLabel: 'bytes of the product as JSON',
    }),
    curveOf(await interleave(batches, pace), {
      name: 'batch-size',
      title: 'CPU of a batch by the number of gets in it',
      xLabel: 'gets in one request',
    }),
    curveOf(byConcurrency, {
      name: 'concurrency',
      title: 'CPU of a cached read by the number of calls at once',
      xLabel: 'calls at once',
    }),
  ];
}

async function growthOfCatalogue(context: Context): Promise<Curve> {
  const cells: Cell[] = [];
  for (const products of context.plan.growthProducts) {
    context.say(`growth: ${products} products`);
    await using stores = await openStores({ products, categories: 'two' }, 'same');
    const surroundings = { ...context.surroundings, stores };
    await using ours = await variantOf('ours').start(surroundings);
    await using pg = await variantOf('no cache, pg').start(surroundings);
    const any = () => anyOf(Math.min(products, context.plan.readProducts));
    const largest = products > 100 ? 2 : 1;
    const trial = (program: Program, variant: VariantName) => (kind: string, call: () => Call) => ({
      workload: `${products} ${kind}`,
      variant,
      program,
      call,
    });
    const [byOurs, byPg] = [trial(ours, 'ours'), trial(pg, 'no cache, pg')];
    cells.push(
      ...(await interleave(
        [
          byOurs('byId', () => byId(any())),
          byOurs('page of 50', () => page(largest)),
          byOurs('updatePrice', () => updatePrice(any(), anyPrice())),
          byPg('byId, no cache', () => byId(any())),
        ],
        paceOf(context),
      )),
    );
  }
  const lines = Map.groupBy(cells, ({ workload }) => workload.slice(workload.indexOf(' ') + 1));
  return {
    name: 'products',
    title: 'CPU of a call by the number of products',
    xLabel: 'products in the catalogue, all but 100 in one category',
    yLabel: 'CPU µs',
    lines: [...lines].map(([name, of]) => ({
      name,
      points: of.map(({ workload, turns }) => ({
        x: Number.parseInt(workload, 10),
        y: medianCpu(turns),
      })),
    })),
  };
}

function paceOf({ plan, token }: Context): Pace {
  return { ...plan, token };
}

function curveOf(cells: readonly Cell[], told: Omit<Curve, 'lines' | 'yLabel'>): Curve {
  const lines = Map.groupBy(cells, ({ variant }) => variant);
  return {
    ...told,
    yLabel: 'CPU µs',
    lines: [...lines].map(([name, of]) => ({
      name,
      points: of.map(({ workload, turns }) => ({ x: Number(workload), y: medianCpu(turns) })),
    })),
  };
}

function medianCpu(turns: readonly Turn[]): number {
  return summarise(turns.map(({ cpuMicrosPerCall }) => cpuMicrosPerCall)).median;
}

/** Gives the first products descriptions of so many words, before anybody has read them. */
async function lengthen({ databaseUrl, plainDatabaseUrl }: Stores): Promise<void> {
  for (const url of [databaseUrl, plainDatabaseUrl]) {
    const db = new Client(url);
    await db.connect();
    await db.query('BEGIN');
    await db.query(`SET LOCAL write_through.writer = 'bench'`);
    for (const [index, words] of wordCounts.entries()) {
      await db.query(
        `UPDATE products SET description =
           (SELECT string_agg('word' || (hashtext(id || '.' || place) & 2047), ' ') FROM generate_series(1, $2::int) AS place)
          WHERE id = $1`,
        [index + 1, words],
      );
    }
    await db.query('COMMIT');
    await db.end();
  }
}
