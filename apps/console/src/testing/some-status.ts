import type { CacheStatus } from '../operations/cache-answers.ts';

/** A healthy service of which nothing has been asked. */
export const someStatus: CacheStatus = {
  process: { pid: 4711, worker: null, startedAt: '2026-11-27T08:00:00.000Z' },
  mode: 'active',
  epoch: 3,
  trusted: true,
  leaseHeld: true,
  leaseLeftMs: 800,
  storeReachable: true,
  isolated: false,
  pendingWrites: 0,
  pendingEntries: 0,
  oldestPendingMs: 0,
  loadsRunning: 0,
  loadsWaiting: 0,
  hitRatio: null,
  reads: { hit: 0, negative: 0, miss: 0, pending: 0, bypass: 0, error: 0 },
  latencies: [],
  hotKeys: [],
  outbox: { rows: 0, lagSeconds: 0 },
  audit: { samples: 0, judged: 0, violations: 0, violationRatioBound: null },
  warmUp: { state: 'done', loaded: 100, total: 100, perSecond: 5_000 },
};
