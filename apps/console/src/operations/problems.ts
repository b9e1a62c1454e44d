import type { CacheStatus } from './cache-answers.ts';
import type { RunbookName } from './runbooks.ts';
import { rateText, shareText, timeText } from './texts.ts';
import type { Point } from './status-history.ts';

/** Something that the alert of the same name would wake somebody for, if it lasts. */
export interface Problem {
  readonly runbook: RunbookName;
  readonly severity: 'critical' | 'warning';
  /** What is seen, with its number. */
  readonly text: string;
}

/** What is wrong, the worst first: by the thresholds of the alerts, which wait longer, and look back for an hour at wrong entries. */
export function problemsOf(status: CacheStatus, point: Point | undefined): Problem[] {
  const problems = [...lies(status), ...outages(status), ...waits(status), ...loads(status, point)];
  return problems.sort((one, other) => rank(one) - rank(other));
}

function rank({ severity }: Problem): number {
  return severity === 'critical' ? 0 : 1;
}

function* lies({ audit: { violations, judged } }: CacheStatus): Iterable<Problem> {
  if (violations === 0) return;
  yield {
    runbook: 'CacheStaleReadDetected',
    severity: 'critical',
    // When it was, the process does not tell.
    text: `The auditor found ${violations} wrong among ${judged} judged entries since the process began. It is told here until the next start; the alert ends an hour after the last.`,
  };
}

function* outages({ mode, trusted, storeReachable }: CacheStatus): Iterable<Problem> {
  if (!storeReachable) {
    yield {
      runbook: 'RedisDown',
      severity: 'critical',
      text: 'This process reaches no Redis that is fit to hold the cache.',
    };
  }
  if (mode !== 'active' || !trusted) {
    yield {
      runbook: 'CacheBypassed',
      severity: 'warning',
      text:
        mode === 'active'
          ? 'The cache is not trusted: reads go past it.'
          : `The mode is ${mode}: reads go past the cache.`,
    };
  }
}

function* waits({ oldestPendingMs, outbox }: CacheStatus): Iterable<Problem> {
  if ((oldestPendingMs ?? 0) > thresholds.pendingMs) {
    yield {
      runbook: 'CachePendingOld',
      severity: 'warning',
      text: `The oldest pending entry waits for ${timeText(oldestPendingMs ?? 0)}.`,
    };
  }
  if ((outbox?.lagSeconds ?? 0) > thresholds.outboxSeconds) {
    yield {
      runbook: 'CacheOutboxLag',
      severity: 'warning',
      text: `The oldest change that waits is ${timeText((outbox?.lagSeconds ?? 0) * 1000)} old.`,
    };
  }
}

function* loads(status: CacheStatus, point: Point | undefined): Iterable<Problem> {
  const { loadsWaiting, hotKeys } = status;
  if (loadsWaiting > 0) {
    yield {
      runbook: 'DbPoolSaturated',
      severity: 'warning',
      text: `${loadsWaiting} records wait for a statement.`,
    };
  }
  if (point === undefined) return;
  const [hottest] = hotKeys;
  const reads = Object.values(point.readsPerSecond ?? {}).reduce((sum, rate) => sum + rate, 0);
  if (hottest && hottest.share > thresholds.hotShare && reads > thresholds.hotReadsPerSecond) {
    yield {
      runbook: 'CacheHotKey',
      severity: 'warning',
      text: `${hottest.key} gets ${shareText(hottest.share)} of ${rateText(reads)}.`,
    };
  }
  const writes = point.latencies.filter(({ kind }) => kind === 'write');
  const perSecond = writes.reduce((sum, one) => sum + one.perSecond, 0);
  const failed = writes.find(({ cacheSuccess }) => cacheSuccess === 'false')?.perSecond ?? 0;
  const share = perSecond === 0 ? 0 : failed / perSecond;
  if (share > thresholds.failedShare) {
    yield {
      runbook: 'CacheFailureRateHigh',
      severity: share > thresholds.failedShareCritical ? 'critical' : 'warning',
      text: `The cache step of ${shareText(share)} of the writes failed in the last seconds.`,
    };
  }
}

/** Those of the alerts of the same names, in packages/monitoring. */
const thresholds = {
  pendingMs: 60_000,
  outboxSeconds: 30,
  hotShare: 0.2,
  hotReadsPerSecond: 100,
  failedShare: 0.01,
  failedShareCritical: 0.1,
} as const;
