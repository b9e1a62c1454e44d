import { expect, test } from 'vitest';
import type { CacheStatus } from './cache-answers.ts';
import { someStatus } from '../testing/some-status.ts';
import { extendedHistory, historyMs, type StatusHistory, windowMs } from './status-history.ts';

interface Answer extends Partial<CacheStatus> {
  readonly atMs: number;
}

function historyOf(...answers: readonly Answer[]): StatusHistory {
  const history = answers.reduce<StatusHistory | undefined>(
    (before, { atMs, ...told }) => extendedHistory(before, { ...someStatus, ...told }, atMs),
    undefined,
  );
  if (history === undefined) throw new Error('A history has one answer at least.');
  return history;
}

const reads = (hit: number, miss = 0, negative = 0) => ({
  ...someStatus.reads,
  hit,
  miss,
  negative,
});
const reading = (count: number, fast = count): CacheStatus['latencies'][number] => ({
  kind: 'read',
  cacheSuccess: 'true',
  buckets: [
    { upToMs: 1, count: fast },
    { upToMs: 10, count },
  ],
  count,
  sumMs: count,
});

test('the first answer has nothing to be compared with', () => {
  const { points, status } = historyOf({ atMs: 1_000, epoch: 7, reads: reads(100, 100) });
  expect(status.epoch).toBe(7);
  expect(points).toEqual([
    expect.objectContaining({ atMs: 1_000, hitRatio: null, readsPerSecond: null, latencies: [] }),
  ]);
});

test('a point tells what happened since, and nothing of before', () => {
  const { points } = historyOf(
    { atMs: 0, reads: reads(100, 900), latencies: [reading(1_000, 100)] },
    { atMs: 2_000, reads: reads(106, 902, 2), latencies: [reading(1_010, 110)] },
  );
  expect(points.at(-1)).toMatchObject({
    hitRatio: 0.8,
    readsPerSecond: { hit: 3, negative: 1, miss: 1, pending: 0, bypass: 0, error: 0 },
    latencies: [{ kind: 'read', cacheSuccess: 'true', perSecond: 5, p50Ms: 0.5, p99Ms: 0.99 }],
  });
});

test('a point tells of ten seconds, not of all that is shown', () => {
  const answers = [0, 1_000, 6_000, 11_000, 16_000].map((atMs) => ({
    atMs,
    // Nothing but misses in the first six seconds.
    reads: reads(Math.max(0, atMs - 6_000), Math.min(atMs, 6_000)),
  }));
  const { points } = historyOf(...answers);
  expect(points.map(({ hitRatio }) => hitRatio)).toEqual([null, 0, 0, 0.5, 1]);
  expect(answers.at(-1)?.atMs).toBe(6_000 + windowMs);
});

test('where nothing happened there is no ratio and no latency', () => {
  const { points } = historyOf(
    { atMs: 0, reads: reads(5), latencies: [reading(5)] },
    { atMs: 1_000, reads: reads(5), latencies: [reading(5)] },
  );
  expect(points.at(-1)).toMatchObject({ hitRatio: null, latencies: [] });
  expect(points.at(-1)?.readsPerSecond).toMatchObject({ hit: 0 });
});

test('a kind of operation that was not there before counts from zero', () => {
  const { points } = historyOf(
    { atMs: 0, latencies: [] },
    { atMs: 1_000, latencies: [reading(4)] },
  );
  expect(points.at(-1)?.latencies).toMatchObject([{ perSecond: 4, p50Ms: 0.5 }]);
});

test('after a restart counting begins anew, although the counts are lower', () => {
  const restarted = { ...someStatus.process, pid: 2, startedAt: '2026-11-27T09:00:00.000Z' };
  const { points } = historyOf(
    { atMs: 0, reads: reads(1_000) },
    { atMs: 1_000, process: restarted, reads: reads(3, 1) },
    { atMs: 2_000, process: restarted, reads: reads(6, 2) },
  );
  expect(points.map(({ hitRatio }) => hitRatio)).toEqual([null, null, 0.75]);
});

test('counts that go back in what seems to be one process are not compared', () => {
  const { points } = historyOf({ atMs: 0, reads: reads(10) }, { atMs: 1_000, reads: reads(4) });
  expect(points.at(-1)).toMatchObject({ hitRatio: null, readsPerSecond: null });
});

test('answers of several processes are each compared with their own', () => {
  const other = { ...someStatus.process, pid: 2, worker: 2 };
  const { points } = historyOf(
    { atMs: 0, reads: reads(0) },
    { atMs: 1_000, process: other, reads: reads(1_000, 1_000) },
    { atMs: 2_000, reads: reads(8, 2) },
    { atMs: 3_000, process: other, reads: reads(1_000, 1_004) },
  );
  expect(points.map(({ hitRatio }) => hitRatio)).toEqual([null, null, 0.8, 0]);
  expect(new Set(points.map(({ process }) => process)).size).toBe(2);
});

test('after a time without answers there is a gap, and what is old is forgotten', () => {
  const { points, samples } = historyOf(
    { atMs: 0, reads: reads(1) },
    { atMs: 1_000, reads: reads(2) },
    { atMs: 60_000, reads: reads(3) },
    { atMs: 1_000 + historyMs, reads: reads(4) },
  );
  expect(points.map(({ atMs, hitRatio }) => [atMs, hitRatio])).toEqual([
    [1_000, 1],
    [60_000, null],
    [1_000 + historyMs, null],
  ]);
  expect(samples).toHaveLength(1);
});
