import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, type FaultTarget, longMs } from './fault.ts';

/** What happens to the service processes, and what operators do to their cache meanwhile. */
export const processFaults = {
  'server killed': {
    breaks: ['process'],
    happen: async ({ member }) => {
      await member.process.kill();
      await delay(500);
      await member.process.ensureRunning();
    },
  },
  'server stopped for longer than its trust lease': {
    breaks: ['process'],
    happen: async ({ member, random }) => {
      member.process.pause();
      await delay(random.between(longMs, 6_000));
      member.process.resume();
      await delay(1_000);
    },
  },
  'server stopped again and again, for about as long as its trust lease': {
    breaks: ['process'],
    happen: async ({ member, random }) => {
      for (let times = 0; times < 4; times += 1) {
        member.process.pause();
        await delay(random.between(700, 1_300));
        member.process.resume();
        await delay(random.between(50, 400));
      }
    },
  },
  'operators drop entries': {
    breaks: [],
    happen: async (target) => {
      for (let times = 0; times < 30; times += 1) {
        const { random } = target;
        const namespace = random.pick(['product', 'product', 'category']);
        const id = random.between(1, namespace === 'category' ? 3 : 60);
        await operate(target, 'cache.invalidate', { key: `${namespace}:${id}` });
        await delay(random.between(20, 150));
      }
    },
  },
  'operators reset the cache': {
    breaks: [],
    happen: async (target) => {
      for (let times = 0; times < 2; times += 1) {
        await operate(target, 'cache.reset', undefined);
        await delay(target.random.between(300, 1_500));
      }
    },
  },
} as const satisfies Record<string, Fault>;

/** It may well be unavailable while something else is broken. */
async function operate(
  { bed, random }: FaultTarget,
  procedure: string,
  input: unknown,
): Promise<void> {
  const { url } = random.pick(bed.members).process;
  const answer = await bed.client.mutate(url, procedure, { input });
  const isWrong = answer.outcome === 'refused' && !answer.isRetryable;
  if (isWrong) throw new Error(`${procedure} was refused: ${answer.code}.`);
}
