import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Context } from './experiments/context.ts';
import { cpuProfileSchema, selfTimes, type SelfTime } from './self-times.ts';
import type { VariantName } from './variants/variant.ts';
import { variantOf } from './variants/variants.ts';
import { byId } from './workloads/calls.ts';
import { load } from './workloads/load.ts';

const warmSeconds = 3;
const seconds = 5;
const told = 10;
const rootUrl = pathToFileURL(path.resolve(import.meta.dirname, '../..')).href + '/';
const writtenMsMax = 30_000;
const lookEveryMs = 50;

export interface Profile {
  readonly variant: VariantName;
  readonly top: readonly SelfTime[];
}

/** Where the CPU of ours and of the stock adapter goes while one hot key is read. */
export async function profileReads(context: Context): Promise<Profile[]> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-profile-'));
  const profiles: Profile[] = [];
  try {
    for (const variant of ['ours', 'stock'] as const) {
      context.say(`profile of ${variant}`);
      const file = path.join(directory, `${variant}.cpuprofile`);
      profiles.push({ variant, top: await profileOf(context, variant, file) });
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return profiles;
}

async function profileOf(
  { surroundings, token, plan }: Context,
  variant: VariantName,
  file: string,
): Promise<SelfTime[]> {
  await using program = await variantOf(variant).start({
    ...surroundings,
    nodeOptions: ['--import', import.meta.resolve('./servers/profiler.ts')],
    environment: { BENCH_PROFILE_FILE: file },
  });
  const { trpcUrl, pid } = program;
  const { connections } = plan;
  const read = async (forSeconds: number) =>
    load({ trpcUrl, token, connections, seconds: forSeconds, call: () => byId(1) });
  await read(warmSeconds);
  process.kill(pid, 'SIGUSR2');
  await read(seconds);
  process.kill(pid, 'SIGUSR2');
  return selfTimes(cpuProfileSchema.parse(await writtenTo(file)), { count: told, rootUrl });
}

async function writtenTo(file: string): Promise<unknown> {
  const giveUpAt = performance.now() + writtenMsMax;
  for (;;) {
    try {
      const profile: unknown = JSON.parse(await readFile(file, 'utf8'));
      return profile;
    } catch (err) {
      // Not there yet, or not to its end.
      if (performance.now() > giveUpAt) throw err;
      await delay(lookEveryMs);
    }
  }
}
