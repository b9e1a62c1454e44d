import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { measureCluster } from './experiments/cluster.ts';
import type { Context } from './experiments/context.ts';
import { measureEngines } from './experiments/engine.ts';
import { measureGrowth } from './experiments/growth.ts';
import { measureHttp } from './experiments/http-lives.ts';
import { measureStampede } from './experiments/stampede.ts';
import { measureWarmUp } from './experiments/warm-up.ts';
import { measureWorkers } from './experiments/workers.ts';
import { type Failure, failureOf, type Measurements } from './measurements.ts';
import { type ExperimentName, experimentNames, type Plan } from './plan.ts';
import { startProgram } from './program.ts';
import { openStores, redisDatabases, redisDatabaseUrl, type Stores } from './stores.ts';
import { storeProducts } from './stored-answers.ts';
import type { VariantName } from './variants/variant.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly experiments: ReadonlySet<ExperimentName>;
  readonly growth: boolean;
  /** Only these variants take part, where it is set. */
  readonly only: ReadonlySet<VariantName> | undefined;
  readonly say: (message: string) => void;
  /** Called with the stores before anything is measured. */
  readonly onStores: (stores: Stores) => Promise<void>;
}

const overHttp: readonly ExperimentName[] = experimentNames.slice(0, 6);

/** Starts the stores, makes every experiment, and leaves nothing behind. */
export async function runBench(options: RunOptions): Promise<Measurements> {
  await using opened = new AsyncDisposableStack();
  const context = await openContext(options, opened);
  await options.onStores(context.surroundings.stores);
  const failures: Failure[] = [];
  /** One that fails is told of with the others, and does not take their figures along. */
  const attempt = async <Result>(
    names: readonly Failure['experiment'][],
    measure: () => Promise<Result>,
  ) => {
    try {
      return await measure();
    } catch (err) {
      failures.push(...names.map((name) => failureOf(name, err)));
      return undefined;
    }
  };
  const wanted = async <Result>(
    name: ExperimentName,
    measure: (context: Context) => Promise<Result>,
  ): Promise<Result | undefined> =>
    options.experiments.has(name) ? attempt([name], async () => measure(context)) : undefined;

  const http = overHttp.filter((name) => options.experiments.has(name));
  const lives =
    http.length === 0
      ? undefined
      : await attempt(http, async () => measureHttp(context, new Set(http)));
  const stampedes = await wanted('stampede', measureStampede);
  const workers = await wanted('workers', measureWorkers);
  const engines = await wanted('engine', measureEngines);
  const warmUp = await wanted('warm-up', measureWarmUp);
  const cluster = await wanted('cluster', measureCluster);
  const curves = options.growth
    ? await attempt(['growth'], async () => measureGrowth(context))
    : undefined;
  return {
    cells: lives?.cells ?? [],
    mixes: lives?.mixes ?? [],
    stampedes: stampedes ?? [],
    workers,
    engines: engines ?? [],
    warmUp,
    cluster,
    curves: curves ?? [],
    failures: [...(lives?.failures ?? []), ...failures],
  };
}

/** The stores with their catalogue, and what every experiment needs besides. */
export async function openContext(
  { plan, only, say }: Pick<RunOptions, 'plan' | 'only' | 'say'>,
  opened: AsyncDisposableStack,
): Promise<Context> {
  say(`stores with ${plan.products} products`);
  const stores = opened.use(await openStores({ products: plan.products, categories: 'two' }));
  const collector = opened.use(
    await startProgram({
      file: path.resolve(import.meta.dirname, 'servers/collector.ts'),
      environment: {},
    }),
  );
  const secret = randomBytes(32).toString('hex');
  const storedUrl = redisDatabaseUrl(stores.redisUrl, redisDatabases.stored);
  await storeProducts(storedUrl, stores.plainDatabaseUrl, plan.readProducts);
  return {
    plan,
    only,
    say,
    token: await tokenOf(secret),
    surroundings: { stores, secret, collectorUrl: new URL(collector.trpcUrl).origin },
  };
}

function tokenOf(secret: string): Promise<string> {
  return new SignJWT({ scope: 'catalog:read catalog:write cache:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('bench')
    .setExpirationTime('3 hours')
    .sign(new TextEncoder().encode(secret));
}
