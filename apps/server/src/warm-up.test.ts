import type { ProductWarmStep } from '@throughline/product-repository';
import { createLogger } from '@throughline/telemetry';
import { describe, expect, test } from 'vitest';
import { WarmUp } from './warm-up.ts';

describe('the warm-up of a service', () => {
  test('is waited for until it has ended, and tells how far it came and how fast', async () => {
    const at = setUp([step(0), step(100), step(200)]);
    await at.warmUp.run(at.signal);
    expect(at.warmUp.progress).toEqual({ state: 'done', loaded: 200, total: 200, perSecond: 100 });
    expect(at.warmUp.tookMs).toBe(2_000);
    expect(at.logged()).toEqual([
      'warming the cache',
      'warming the cache',
      'warming the cache',
      'warm-up ended',
    ]);
  });

  test('is not waited for while it pauses, and goes on afterwards', async () => {
    const at = setUp([step(0), paused(0), 'wait', paused(0), step(200)]);
    await at.warmUp.run(at.signal);
    expect(at.warmUp.progress.state).toBe('paused');
    at.goOn();
    await expect.poll(() => at.warmUp.progress.state).toBe('done');
    expect(at.logged()).toEqual([
      'warming the cache',
      'the warm-up pauses',
      'warming the cache',
      'warm-up ended',
    ]);
  });

  test('that runs is joined by whoever wants another', async () => {
    const at = setUp([step(0), 'wait', step(200)]);
    const runs = [at.warmUp.run(at.signal), at.warmUp.run(at.signal)];
    at.goOn();
    await Promise.all(runs);
    expect(at.begun()).toBe(1);
  });

  test('that did not load everything, or failed, is incomplete, and keeps nobody from being ready', async () => {
    const short = setUp([step(0), step(199)]);
    await short.warmUp.run(short.signal);
    expect(short.warmUp.progress.state).toBe('incomplete');
    const failing = setUp([step(100), new Error('PostgreSQL is away.')]);
    await failing.warmUp.run(failing.signal);
    expect(failing.warmUp.progress).toMatchObject({ state: 'incomplete', loaded: 100 });
    expect(failing.logged()).toContain('the cache could not be warmed; readers will fill it');
  });

  test('is not waited for by a service that is told to stop', async () => {
    const at = setUp([step(0), 'wait', step(200)]);
    const stopping = new AbortController();
    const run = at.warmUp.run(stopping.signal);
    stopping.abort();
    await run;
    expect(at.warmUp.progress.state).toBe('running');
    at.goOn();
  });

  test('of nothing does nothing', async () => {
    const at = setUp([], 0);
    await at.warmUp.run(at.signal);
    expect([at.begun(), at.warmUp.progress.state]).toEqual([0, 'idle']);
  });
});

/** Each of the steps takes a second on the clock. */
function setUp(steps: readonly (ProductWarmStep | 'wait' | Error)[], count = 200) {
  const lines: string[] = [];
  const held = Promise.withResolvers<void>();
  let [begun, nowMs] = [0, 0];
  const warmUp = new WarmUp({
    count,
    logger: createLogger({
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
    nowMs: () => nowMs,
    products: {
      warm: async function* () {
        begun += 1;
        for (const [index, one] of steps.entries()) {
          if (one === 'wait') await held.promise;
          else if (one instanceof Error) throw one;
          else {
            nowMs = index * 1_000;
            yield one;
          }
        }
      },
    },
  });
  return {
    warmUp,
    signal: new AbortController().signal,
    goOn: () => held.resolve(),
    begun: () => begun,
    logged: () => lines.map((line) => /"msg":"([^"]*)"/.exec(line)?.[1]),
  };
}

function step(loaded: number): ProductWarmStep {
  return { loaded, total: 200, isPaused: false };
}

function paused(loaded: number): ProductWarmStep {
  return { ...step(loaded), isPaused: true };
}
