import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ViewCounter, viewCounterLimits } from './view-counter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('views reach the database within one interval, summed up by product', async () => {
  const database = fakeDatabase();
  await using counter = new ViewCounter({ addViews: database.addViews });
  counter.count(2);
  counter.count(1);
  counter.count(2);
  await vi.advanceTimersByTimeAsync(viewCounterLimits.flushIntervalMs);
  expect(database.total).toEqual({ 1: 1, 2: 2 });
  await vi.advanceTimersByTimeAsync(viewCounterLimits.flushIntervalMs);
  expect(database.total).toEqual({ 1: 1, 2: 2 });
});

test('views that could not be written are written by a later flush', async () => {
  const database = fakeDatabase();
  const failures: unknown[] = [];
  await using counter = new ViewCounter({
    addViews: database.addViews,
    onFailure: (err) => failures.push(err),
  });
  counter.count(1);
  database.failing = true;
  await vi.advanceTimersByTimeAsync(viewCounterLimits.flushIntervalMs);
  expect(failures).toEqual([new Error('away')]);
  await expect(counter.flush()).rejects.toThrow('away');
  counter.count(1);
  database.failing = false;
  await vi.advanceTimersByTimeAsync(viewCounterLimits.flushIntervalMs);
  expect(database.total).toEqual({ 1: 2 });
});

test('views counted while a flush is under way are written by the next one', async () => {
  const database = fakeDatabase();
  const counter: ViewCounter = new ViewCounter({
    addViews: async (views) => {
      if (database.calls === 0) counter.count(1);
      await database.addViews(views);
    },
  });
  counter.count(1);
  await counter.flush();
  expect(counter.waitingCount).toBe(1);
  await counter.flush();
  expect(database.total).toEqual({ 1: 2 });
  await counter[Symbol.asyncDispose]();
});

test('flushes at the same time write every view once', async () => {
  const database = fakeDatabase();
  await using counter = new ViewCounter({ addViews: database.addViews });
  counter.count(1);
  const first = counter.flush();
  counter.count(2);
  await Promise.all([first, counter.flush(), counter.flush()]);
  expect(database.total).toEqual({ 1: 1, 2: 1 });
});

test('memory is bounded: further products are dropped, known ones still counted', async () => {
  const database = fakeDatabase();
  await using counter = new ViewCounter({ addViews: database.addViews, idsMax: 2 });
  for (const id of [1, 2, 3, 1]) counter.count(id);
  expect(counter.droppedCount).toBe(1);
  await counter.flush();
  expect(database.total).toEqual({ 1: 2, 2: 1 });
});

test('no statement locks more rows than a batch has', async () => {
  const database = fakeDatabase();
  await using counter = new ViewCounter({ addViews: database.addViews });
  for (let id = 1; id <= 2_500; id += 1) counter.count(id);
  await counter.flush();
  expect(database.calls).toBe(3);
  expect(Object.keys(database.total)).toHaveLength(2_500);
});

test('the end writes what waits, stops the timer, and never throws', async () => {
  const database = fakeDatabase();
  const failures: unknown[] = [];
  const counter = new ViewCounter({
    addViews: database.addViews,
    onFailure: (err) => failures.push(err),
  });
  counter.count(1);
  await counter[Symbol.asyncDispose]();
  expect(database.total).toEqual({ 1: 1 });
  expect(vi.getTimerCount()).toBe(0);
  counter.count(1);
  database.failing = true;
  await counter[Symbol.asyncDispose]();
  expect(failures).toHaveLength(1);
});

function fakeDatabase() {
  const database = {
    failing: false,
    calls: 0,
    total: {} as Record<number, number>,
    addViews: async (views: ReadonlyMap<number, number>): Promise<void> => {
      await Promise.resolve();
      database.calls += 1;
      if (database.failing) throw new Error('away');
      for (const [id, count] of views) database.total[id] = (database.total[id] ?? 0) + count;
    },
  };
  return database;
}
