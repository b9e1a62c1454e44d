import path from 'node:path';
import { z } from 'zod';
import type { EngineResult } from '../measurements.ts';
import { type Program, startProgram } from '../program.ts';
import { shuffled } from '../runner.ts';
import { redisDatabases, redisDatabaseUrl } from '../stores.ts';
import type { Context } from './context.ts';

/** By name, with the file that serves each. */
export const engines = {
  'node-redis, GET and JSON.parse': 'bare-engine',
  'the same again': 'bare-engine',
  'MGET of a turn and JSON.parse': 'coalesced-engine',
  'our engine': 'ours-engine',
  bentocache: 'bentocache-engine',
  cacheable: 'cacheable-engine',
  'cache-manager': 'cache-manager-engine',
  'async-cache-dedupe': 'async-cache-dedupe-engine',
} as const;

const runSchema = z.object({ reads: z.number(), seconds: z.number(), cpuSeconds: z.number() });

/** Reads of 1 KB, 64 at once, within one process and without HTTP. */
export async function measureEngines(context: Context): Promise<EngineResult[]> {
  const { plan, say } = context;
  const runs = new Map(Object.keys(engines).map((name) => [name, newResult(name)]));
  for (let life = 1; life <= plan.lives; life += 1) {
    say(`engine: life ${life} of ${plan.lives}`);
    await using opened = new AsyncDisposableStack();
    const running = await Promise.all(
      Object.entries(engines).map(
        async ([name, file], place) =>
          [name, opened.use(await startEngine(context, file, place))] as const,
      ),
    );
    for (const [, program] of running) await runOf(program, plan.warmSeconds);
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const [name, program] of shuffled(running)) {
        const { reads, seconds, cpuSeconds } = await runOf(program, plan.seconds);
        runs.get(name)?.readsPerSecond.push(reads / seconds);
        runs.get(name)?.cpuMicrosPerRead.push((cpuSeconds / reads) * 1e6);
      }
    }
  }
  return [...runs.values()];
}

function newResult(engine: string) {
  const readsPerSecond: number[] = [];
  const cpuMicrosPerRead: number[] = [];
  return { engine, readsPerSecond, cpuMicrosPerRead };
}

async function startEngine(
  { surroundings }: Context,
  file: string,
  place: number,
): Promise<Program> {
  const { databaseUrl, redisUrl } = surroundings.stores;
  const ownUrl = redisDatabaseUrl(redisUrl, redisDatabases.engines + place);
  return startProgram({
    file: path.resolve(import.meta.dirname, `../engines/${file}.ts`),
    environment: {
      DATABASE_URL: databaseUrl,
      REDIS_URL: ownUrl,
    },
  });
}

async function runOf({ trpcUrl }: Program, seconds: number) {
  const answer = await fetch(`${new URL(trpcUrl).origin}/?seconds=${seconds}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`An engine failed: ${text}`);
  return runSchema.parse(JSON.parse(text));
}
