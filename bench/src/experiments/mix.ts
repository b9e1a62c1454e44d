import { Client } from 'pg';
import type { CacheShares, MixResult } from '../measurements.ts';
import type { Program } from '../program.ts';
import { StaleChecker } from '../stale-checker.ts';
import { summarise } from '../statistics.ts';
import { cachingVariants, type VariantName } from '../variants/variant.ts';
import { anyPrice, byId, updatePrice } from '../workloads/calls.ts';
import { answerVersion } from '../workloads/answer-version.ts';
import { Caller } from '../workloads/caller.ts';
import { offer } from '../workloads/offer.ts';
import { zipf } from '../workloads/zipf.ts';
import type { Context } from './context.ts';
import { fillCache } from './fill-cache.ts';

const writeShare = 0.05;

const caching: ReadonlySet<VariantName> = new Set(cachingVariants);

/** Reads of few products often, 5 % writes, as often as is offered; every answer is checked for its version. */
export async function measureMix(
  context: Context,
  running: readonly (readonly [VariantName, Program])[],
): Promise<MixResult[]> {
  const results: MixResult[] = [];
  for (const [variant, program] of running) {
    results.push(await mixOf(context, variant, program));
  }
  return results;
}

async function mixOf(context: Context, variant: VariantName, program: Program): Promise<MixResult> {
  const { plan, surroundings, token } = context;
  const { stores } = surroundings;
  // What had a new price in an earlier workload lived for a minute.
  if (caching.has(variant)) await fillCache(context, program);
  const databaseUrl = variant === 'ours' ? stores.databaseUrl : stores.plainDatabaseUrl;
  const checker = new StaleChecker();
  await using caller = new Caller({ trpcUrl: program.trpcUrl, token, connections: 64 });
  const draw = zipf(plan.readProducts);
  const ask = async (): Promise<void> => {
    const id = draw();
    if (Math.random() < writeShare) {
      checker.acknowledged(id, answerVersion(await caller.ask(updatePrice(id, anyPrice()))));
    } else {
      const floor = checker.floor(id);
      checker.read(answerVersion(await caller.ask(byId(id))), floor);
    }
  };
  const before = await cacheCounts(program);
  const versionsBefore = await versionSum(databaseUrl);
  const cpuBefore = await program.cpuSeconds();
  const offered = { perSecond: plan.mixPerSecond, seconds: plan.mixSeconds };
  const done = await offer({ ...offered, ask });
  const cpuSeconds = (await program.cpuSeconds()) - cpuBefore;
  const written = (await versionSum(databaseUrl)) - versionsBefore;
  const { reads, stale, writes } = checker.counts;
  return {
    variant,
    offeredPerSecond: plan.mixPerSecond,
    answeredPerSecond: done.answered / done.tookSeconds,
    reads,
    stale,
    writes,
    lost: writes - written,
    p50Ms: done.p50Ms,
    p99Ms: done.p99Ms,
    cpuMicrosPerCall: (cpuSeconds / done.answered) * 1e6,
    ...(variant === 'ours' && { cache: sharesOf(before, await cacheCounts(program)) }),
  };
}

/** Grows by one for each write that was not lost. */
async function versionSum(databaseUrl: string): Promise<number> {
  const db = new Client(databaseUrl);
  await db.connect();
  try {
    const { rows } = await db.query<{ sum: string }>('SELECT sum(version) AS sum FROM products');
    return Number(rows[0]?.sum);
  } finally {
    await db.end();
  }
}

const outcomes = ['hit', 'negative', 'miss', 'pending', 'bypass', 'error'] as const;
type CacheCounts = Record<(typeof outcomes)[number], number>;

async function cacheCounts(program: Program): Promise<CacheCounts> {
  const count = async (result: string) =>
    program.metric('cache_requests_total', { namespace: 'product', result });
  return {
    hit: await count('hit'),
    negative: await count('negative'),
    miss: await count('miss'),
    pending: await count('pending'),
    bypass: await count('bypass'),
    error: await count('error'),
  };
}

function sharesOf(before: CacheCounts, after: CacheCounts): CacheShares {
  const grown = (outcome: keyof CacheCounts) => after[outcome] - before[outcome];
  const all = outcomes.reduce((sum, outcome) => sum + grown(outcome), 0);
  const pending = grown('pending');
  return {
    hitRatios: [(grown('hit') + grown('negative')) / (all - pending)],
    pendingShare: pending / all,
  };
}

/** What a variant did in several lives, as one. */
export function joinMixes(lives: readonly (readonly MixResult[])[]): MixResult[] {
  const [first = []] = lives;
  return first.map(({ variant }) => {
    const parts = lives.flat().filter((mix) => mix.variant === variant);
    return joinParts(parts);
  });
}

function joinParts(parts: readonly MixResult[]): MixResult {
  const [first] = parts;
  if (first === undefined) throw new RangeError('No mix was measured.');
  const sum = (of: (mix: MixResult) => number) => parts.reduce((all, mix) => all + of(mix), 0);
  const median = (of: (mix: MixResult) => number) => summarise(parts.map(of)).median;
  const shares = parts.flatMap(({ cache }) => cache ?? []);
  return {
    variant: first.variant,
    offeredPerSecond: first.offeredPerSecond,
    answeredPerSecond: median((mix) => mix.answeredPerSecond),
    reads: sum((mix) => mix.reads),
    stale: sum((mix) => mix.stale),
    writes: sum((mix) => mix.writes),
    lost: sum((mix) => mix.lost),
    p50Ms: median((mix) => mix.p50Ms),
    p99Ms: median((mix) => mix.p99Ms),
    cpuMicrosPerCall: median((mix) => mix.cpuMicrosPerCall),
    ...(shares.length > 0 && {
      cache: {
        hitRatios: shares.flatMap(({ hitRatios }) => hitRatios),
        pendingShare: summarise(shares.map(({ pendingShare }) => pendingShare)).median,
      },
    }),
  };
}
