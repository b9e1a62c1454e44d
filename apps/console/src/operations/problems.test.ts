import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { someStatus } from '../testing/some-status.ts';
import type { CacheStatus } from './cache-answers.ts';
import { modeWords } from './mode-words.ts';
import { problemsOf } from './problems.ts';
import { runbookNames } from './runbooks.ts';
import type { LatencyPoint, Point } from './status-history.ts';

function found(told: Partial<CacheStatus>, point?: Point): string[] {
  return problemsOf({ ...someStatus, ...told }, point).map(
    ({ runbook, severity }) => `${severity} ${runbook}`,
  );
}

function pointOf(hit: number, latencies: readonly LatencyPoint[] = []): Point {
  const readsPerSecond = { ...someStatus.reads, hit };
  return { atMs: 0, process: '1', hitRatio: 1, readsPerSecond, latencies };
}

const writes = (cacheSuccess: 'true' | 'false', perSecond: number): LatencyPoint => ({
  kind: 'write',
  cacheSuccess,
  perSecond,
  p50Ms: 3,
  p99Ms: 9,
});

test('a healthy service has no problem', () => {
  expect(found({})).toEqual([]);
  expect(found({ oldestPendingMs: 60_000, outbox: { rows: 9, lagSeconds: 30 } })).toEqual([]);
  expect(found({ pendingEntries: null, oldestPendingMs: null, outbox: null })).toEqual([]);
});

test('each problem leads to the runbook of its alert, the worst first', () => {
  expect(found({ mode: 'bypass', trusted: false, storeReachable: false })).toEqual([
    'critical RedisDown',
    'warning CacheBypassed',
  ]);
  expect(found({ trusted: false, leaseHeld: false })).toEqual(['warning CacheBypassed']);
  expect(found({ oldestPendingMs: 60_001 })).toEqual(['warning CachePendingOld']);
  expect(found({ outbox: { rows: 9, lagSeconds: 31 } })).toEqual(['warning CacheOutboxLag']);
  expect(found({ loadsWaiting: 1 })).toEqual(['warning DbPoolSaturated']);
  const audit = { samples: 9, judged: 9, violations: 1, violationRatioBound: null };
  expect(found({ mode: 'draining', audit })).toEqual([
    'critical CacheStaleReadDetected',
    'warning CacheBypassed',
  ]);
});

test('a key is hot under load alone', () => {
  const hotKeys = [{ key: 'product:7', share: 0.21 }];
  expect(found({ hotKeys }, pointOf(100))).toEqual([]);
  expect(found({ hotKeys }, pointOf(101))).toEqual(['warning CacheHotKey']);
  expect(found({ hotKeys: [{ key: 'product:7', share: 0.2 }] }, pointOf(101))).toEqual([]);
});

test('failed cache steps of writes are told by their share', () => {
  const failing = (share: number) =>
    found({}, pointOf(0, [writes('true', 100 * (1 - share)), writes('false', 100 * share)]));
  expect(failing(0.01)).toEqual([]);
  expect(failing(0.02)).toEqual(['warning CacheFailureRateHigh']);
  expect(failing(0.2)).toEqual(['critical CacheFailureRateHigh']);
  expect(found({}, pointOf(0))).toEqual([]);
});

test('every runbook that is named has a page', () => {
  const runbooks = path.join(import.meta.dirname, '../../../../docs/runbooks');
  const missing = runbookNames.filter((name) => !existsSync(path.join(runbooks, `${name}.md`)));
  expect(missing).toEqual([]);
});

test('every state has words of its own for what clients get', () => {
  const states: Partial<CacheStatus>[] = [
    {},
    { mode: 'draining', trusted: false },
    { mode: 'bypass', trusted: false, storeReachable: false },
    { trusted: false, storeReachable: false },
    { trusted: false, leaseHeld: false },
    { trusted: false },
    { trusted: false, storeReachable: false, isolated: true },
  ];
  const words = states.map((state) => modeWords({ ...someStatus, ...state }));
  expect(new Set(words).size).toBe(states.length);
});
