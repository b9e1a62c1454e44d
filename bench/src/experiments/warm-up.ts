import { RedisServer } from '@throughline/local-stack';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WarmUpResult } from '../measurements.ts';
import { type Program, startProgram } from '../program.ts';
import { redisMemory } from '../redis-memory.ts';
import { startService } from '../variants/service-variants.ts';
import type { Context } from './context.ts';

const bare = path.resolve(import.meta.dirname, '../servers/bare-warm-up.ts');
/** The most that may be asked of the service. */
const entriesMax = 100_000;
const waitMsMax = 120_000;
const lookEveryMs = 100;

interface WarmUp {
  readonly seconds: number;
  readonly bytesPerEntry: number;
  readonly payloadBytes: number;
}

/** The service's warm-up beside one that does nothing but SELECT and SET, in turns, each into an empty Redis. */
export async function measureWarmUp(context: Context): Promise<WarmUpResult> {
  const { plan, surroundings } = context;
  const { stores } = surroundings;
  const entries = Math.min(entriesMax, plan.products);
  const [ours, others]: [WarmUp[], WarmUp[]] = [[], []];
  for (let round = 0; round < plan.warmUpRounds; round += 1) {
    context.say(`warm-up of ${entries} products`);
    others.push(
      await into(async (redisUrl) => ({
        entries: plan.products,
        program: await startProgram({
          file: bare,
          environment: { DATABASE_URL: stores.plainDatabaseUrl, REDIS_URL: redisUrl },
        }),
      })),
    );
    ours.push(
      await into(async (redisUrl) => ({
        entries,
        program: await startService(surroundings, {
          environment: {
            REDIS_URL: redisUrl,
            CACHE_WARM_COUNT: String(entries),
            CACHE_NAMESPACE: `warm-up-${round}`,
          },
        }),
      })),
    );
  }
  return {
    entries,
    oursSeconds: ours.map(({ seconds }) => seconds),
    bareSeconds: others.map(({ seconds }) => (seconds * entries) / plan.products),
    payloadBytes: others[0]?.payloadBytes ?? Number.NaN,
    oursBytesPerEntry: ours.map(({ bytesPerEntry }) => bytesPerEntry),
    bareBytesPerEntry: others.map(({ bytesPerEntry }) => bytesPerEntry),
  };
}

async function into(
  start: (redisUrl: string) => Promise<{ readonly program: Program; readonly entries: number }>,
): Promise<WarmUp> {
  await using redis = await RedisServer.start();
  const empty = await redisMemory(redis.url);
  const { program, entries } = await start(redis.url);
  await using running = program;
  const seconds = await tookSeconds(running);
  const warmed = await running.metric('cache_warmed_entries');
  if (warmed < entries) {
    throw new Error(
      `The warm-up loaded ${warmed} of ${entries} products within ${seconds.toFixed(1)} s and gave up.`,
    );
  }
  const full = await redisMemory(redis.url);
  return {
    seconds,
    bytesPerEntry: (full.usedBytes - empty.usedBytes) / (full.keys - empty.keys),
    payloadBytes: await running.metric('bench_payload_bytes'),
  };
}

/** Once it has ended; a service may be ready before. */
async function tookSeconds(program: Program): Promise<number> {
  const giveUpAt = performance.now() + waitMsMax;
  for (;;) {
    const seconds = await program.metric('cache_warm_duration_seconds');
    if (seconds > 0) return seconds;
    if (performance.now() > giveUpAt) throw new Error(`No warm-up ended within ${waitMsMax} ms.`);
    await delay(lookEveryMs);
  }
}
