import { createClient } from 'redis';
import type { StampedeResult } from '../measurements.ts';
import type { Program } from '../program.ts';
import { StaleChecker } from '../stale-checker.ts';
import { redisDatabases, redisDatabaseUrl } from '../stores.ts';
import { cachingVariants, type Variant, type VariantName } from '../variants/variant.ts';
import { anyPrice, byId, mutation, updatePrice } from '../workloads/calls.ts';
import { answerVersion } from '../workloads/answer-version.ts';
import { Caller } from '../workloads/caller.ts';
import { type Context, partOf } from './context.ts';

const processes = 4;
const readsOfEach = 250;

/** Whom it makes sense to ask, and where each keeps its entries. */
const entriesOf: Partial<Record<VariantName, keyof typeof redisDatabases>> = {
  ours: 'service',
  classic: 'classic',
  bentocache: 'bentocache',
  cacheable: 'cacheable',
  'cache-manager': 'cacheManager',
  'async-cache-dedupe': 'asyncCacheDedupe',
};

/** A thousand simultaneous reads of one key that is absent, over four processes, right after it was written. */
export async function measureStampede(context: Context): Promise<StampedeResult[]> {
  const results: StampedeResult[] = [];
  for (const variant of partOf(context, cachingVariants)) {
    context.say(`stampede: ${variant.name}`);
    results.push(await stampedeOn(context, variant));
  }
  return results;
}

async function stampedeOn(context: Context, variant: Variant): Promise<StampedeResult> {
  const { plan, surroundings, token } = context;
  await using opened = new AsyncDisposableStack();
  const programs: Program[] = await Promise.all(
    Array.from({ length: processes }, async () => opened.use(await variant.start(surroundings))),
  );
  const callers = programs.map(({ trpcUrl }) =>
    opened.use(new Caller({ trpcUrl, token, connections: readsOfEach })),
  );
  const checker = new StaleChecker();
  const [selectsMax, selects]: [number[], number[]] = [[], []];
  // Opens the connections, and is not counted.
  await burst(callers, checker, 1);
  for (let round = 0; round < plan.stampedeRounds; round += 1) {
    const id = 2 + round;
    const [writer] = callers;
    if (writer === undefined) throw new Error('Nobody is there to write.');
    checker.acknowledged(id, answerVersion(await writer.ask(updatePrice(id, anyPrice()))));
    await makeAbsent(context, variant.name, { writer, id });
    const before = await Promise.all(programs.map(async (program) => selectsBy(program)));
    await burst(callers, checker, id);
    const after = await Promise.all(programs.map(async (program) => selectsBy(program)));
    const sent = after.map((count, index) => count - (before[index] ?? 0));
    selectsMax.push(Math.max(...sent));
    selects.push(sent.reduce((sum, count) => sum + count, 0));
  }
  const reads = processes * readsOfEach;
  const { stale } = checker.counts;
  return { variant: variant.name, processes, reads, selectsMax, selects, stale };
}

async function burst(callers: readonly Caller[], checker: StaleChecker, id: number): Promise<void> {
  const floor = checker.floor(id);
  const asked = callers.flatMap((caller) =>
    Array.from({ length: readsOfEach }, async () => {
      checker.read(answerVersion(await caller.ask(byId(id))), floor);
    }),
  );
  await Promise.all(asked);
}

/** Not behind the service's back: a key that is deleted there takes pending writes along. */
async function makeAbsent(
  { surroundings }: Context,
  variant: VariantName,
  { writer, id }: { readonly writer: Caller; readonly id: number },
): Promise<void> {
  if (variant === 'ours') {
    await writer.ask(mutation('cache.invalidate', { key: `product:${id}` }));
    return;
  }
  const { redisUrl } = surroundings.stores;
  const entries = redisDatabases[entriesOf[variant] ?? 'stored'];
  const client = createClient({ url: redisDatabaseUrl(redisUrl, entries) });
  await client.connect();
  await client.flushDb();
  client.destroy();
}

/** Statements that select products, by the service's own account and by that of the others. */
async function selectsBy(program: Program): Promise<number> {
  const labels = { query_name: 'select_products' };
  const ours = await program.metric('db_query_duration_seconds_count', labels);
  return ours + (await program.metric('bench_selects_total'));
}
