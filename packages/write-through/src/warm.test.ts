import { describe, expect, it } from 'vitest';
import { defaultLimits } from './limits.ts';
import { pagesOf, warm, type WarmOptions, type WarmPages, type WarmParts } from './warm.ts';

const [first, second] = [1, 2].map((number) => ({ number, id: `e${number}`, storeIdentity: 's' }));
const ids = [1, 2, 3, 4, 5];
const inPairs = { pageSize: 2 } as const;

describe('a warm-up', () => {
  it('loads page by page, in order, and tells after each how many are in the cache', async () => {
    const at = setUp();
    expect(await Array.fromAsync(at.run(inPairs))).toEqual([step(2), step(4), step(5)]);
    expect(at.pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('counts only what the cache took, and goes on to the end although it took nothing', async () => {
    const at = setUp({ load: async (page) => (page.includes(3) ? 1 : 0) });
    expect(await Array.fromAsync(at.run(inPairs))).toEqual([step(0), step(1), step(1)]);
  });

  it('has two pages under way and no more, whatever there is to load', async () => {
    let [underWay, most] = [0, 0];
    const at = setUp({
      ids: Array.from({ length: 40 }, (_, index) => index),
      load: async (page) => {
        underWay += 1;
        most = Math.max(most, underWay);
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
        underWay -= 1;
        return page.length;
      },
    });
    expect((await Array.fromAsync(at.run(inPairs))).at(-1)).toEqual(step(40));
    expect(most).toBe(2);
  });

  it('ends after the pages under way when it is told to, and begins nothing then', async () => {
    const stop = new AbortController();
    const at = setUp({
      load: async (page) => {
        if (page.includes(3)) stop.abort();
        return page.length;
      },
    });
    expect((await Array.fromAsync(at.run({ ...inPairs, signal: stop.signal }))).at(-1)).toEqual(
      step(4),
    );
    expect(await Array.fromAsync(at.run({ ...inPairs, signal: stop.signal }))).toEqual([]);
  });

  it('begins no page that nobody asks for, and leaves none under way', async () => {
    const at = setUp();
    for await (const _ of at.run({ pageSize: 1 })) break;
    expect(at.pages).toEqual([[1], [2]]);
    expect(at.underWay()).toBe(0);
  });

  it('fails with the page that fails, when those before it are done', async () => {
    const at = setUp({
      load: async (page) => {
        if (page.includes(3)) throw new Error('PostgreSQL is away.');
        return page.length;
      },
    });
    const steps: unknown[] = [];
    const run = async () => {
      for await (const one of at.run(inPairs)) steps.push(one);
    };
    await expect(run()).rejects.toThrow('PostgreSQL is away.');
    expect(steps).toEqual([step(2)]);
  });

  it('goes on where it was after a pause, with the first page that was not done', async () => {
    let untrusted = 1;
    const at = setUp({
      load: async (page) => {
        if (page.includes(3) && untrusted-- > 0) return 'untrusted';
        return page.length;
      },
    });
    const steps = await Array.fromAsync(at.run({ ...inPairs, patienceMs: 60_000 }));
    expect(steps).toEqual([step(2), { ...step(2), isPaused: true }, step(4), step(5)]);
    expect(at.pages).toEqual([[1, 2], [3, 4], [5], [3, 4], [5]]);
  });

  it('begins again with what matters most in another epoch, where nothing of before is read', async () => {
    const at = setUp({
      load: async (page, epoch) => {
        if (!page.includes(3) || epoch === second) return page.length;
        at.epochs.current = undefined;
        return 'untrusted';
      },
      wait: async () => {
        at.epochs.current = second;
      },
    });
    const steps = await Array.fromAsync(at.run({ ...inPairs, patienceMs: 60_000 }));
    expect(steps).toEqual([step(2), { ...step(2), isPaused: true }, step(2), step(4), step(5)]);
  });

  it('is over when a pause lasts for longer than it was given', async () => {
    const at = setUp({ load: async () => 'untrusted' });
    const { warmRetryMs } = defaultLimits;
    const paused = { loaded: 0, isPaused: true };
    expect(await Array.fromAsync(at.run({ patienceMs: 2 * warmRetryMs }))).toEqual([
      paused,
      paused,
    ]);
    expect(await Array.fromAsync(at.run({}))).toEqual([]);
  });

  it('has nothing to do without ids', async () => {
    expect(await Array.fromAsync(setUp({ ids: [] }).run({}))).toEqual([]);
  });
});

interface Setting {
  readonly ids?: readonly number[];
  readonly load?: (ids: readonly number[], epoch: unknown) => Promise<number | 'untrusted'>;
  readonly wait?: () => Promise<void>;
}

function setUp({
  load = async (page) => page.length,
  wait = async () => {},
  ...setting
}: Setting = {}) {
  const pages: (readonly number[])[] = [];
  const epochs: { current: WarmParts<number, number>['epochs']['current'] } = { current: first };
  let underWay = 0;
  const parts: WarmParts<number, number> = {
    pages: pagesOf(setting.ids ?? ids) satisfies WarmPages<number, number>,
    load: async (epoch, page) => {
      pages.push(page);
      underWay += 1;
      return load(page, epoch).finally(() => (underWay -= 1));
    },
    epochs,
    ambient: { wait },
    limits: defaultLimits,
  };
  return {
    pages,
    epochs,
    underWay: () => underWay,
    run: (options: WarmOptions) => warm(parts, options),
  };
}

function step(loaded: number) {
  return { loaded, isPaused: false };
}
