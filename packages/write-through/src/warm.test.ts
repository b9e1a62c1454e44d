import { describe, expect, it } from 'vitest';
import { warm, type WarmProgress } from './warm.ts';

const ids = [1, 2, 3, 4, 5];

async function failing(): Promise<number> {
  throw new Error('PostgreSQL is away.');
}

describe('a warm-up', () => {
  it('loads page by page, in order, and tells how many are in the cache', async () => {
    const pages: (readonly number[])[] = [];
    const progress: WarmProgress[] = [];
    const load = async (page: readonly number[]): Promise<number> => {
      pages.push(page);
      return page.length;
    };
    const loaded = await warm(load, ids, {
      pageSize: 2,
      onProgress: (done) => progress.push(done),
    });
    expect(loaded).toBe(5);
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
    expect(progress.map((done) => done.loaded)).toEqual([2, 4, 5]);
    expect(progress.every(({ total }) => total === 5)).toBe(true);
  });

  it('counts only what the cache took, and goes on to the end although it took nothing', async () => {
    const pages: (readonly number[])[] = [];
    const load = async (page: readonly number[]): Promise<number> => {
      pages.push(page);
      return page.includes(3) ? 1 : 0;
    };
    expect(await warm(load, ids, { pageSize: 2 })).toBe(1);
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('ends after the page under way when it is told to', async () => {
    const stop = new AbortController();
    const load = async (page: readonly number[]): Promise<number> => {
      if (page.includes(3)) stop.abort();
      return page.length;
    };
    expect(await warm(load, ids, { pageSize: 2, signal: stop.signal })).toBe(4);
    expect(await warm(load, ids, { pageSize: 2, signal: stop.signal })).toBe(0);
  });

  it('fails with the page that fails', async () => {
    await expect(warm(failing, ids, { pageSize: 2 })).rejects.toThrow('PostgreSQL is away.');
  });

  it('has nothing to do without ids', async () => {
    expect(await warm(failing, [], { pageSize: 2 })).toBe(0);
  });
});
