import { counter, gauge, instance, job, nothing, series, type Scenario } from './scenario.ts';

const minutes = 30;
const warning = { severity: 'warning' };
const critical = { severity: 'critical' };

const countOf = (cacheSuccess: string) =>
  series('product_write_duration_seconds_count', {
    operation: 'update',
    cache_success: cacheSuccess,
  });

/** Writes a minute of which so many fail at the cache. */
function writes(good: number, failed: number) {
  return {
    [countOf('true')]: counter([minutes, good]),
    [countOf('false')]: counter([minutes, failed]),
  };
}

function failureRate(percent: string): string {
  return `${percent} of the writes of throughline had a cache step that failed: refused because Redis was unreachable, or committed before PUBLISH had ended.`;
}

const reads = (result: string) => series('cache_requests_total', { namespace: 'product', result });
const mode = (state: string) => series('cache_mode', { state });

export const cacheScenarios: readonly Scenario[] = [
  {
    that: 'two of a hundred writes fail for more than ten minutes',
    alert: 'CacheFailureRateHigh',
    series: writes(98, 2),
    at: '17m',
    fires: [{ rule: warning, found: { job }, description: failureRate('2%') }],
  },
  {
    that: 'a fifth of the writes fails for three minutes',
    alert: 'CacheFailureRateHigh',
    series: writes(80, 20),
    at: '5m',
    fires: [{ rule: critical, found: { job }, description: failureRate('20%') }],
  },
  {
    that: 'one of two hundred writes fails',
    alert: 'CacheFailureRateHigh',
    series: writes(199, 1),
    at: '20m',
    fires: [],
  },
  {
    that: 'the only write in minutes fails: too few to say anything',
    alert: 'CacheFailureRateHigh',
    series: writes(0, 1),
    at: '20m',
    fires: [],
  },
  {
    that: 'a process stays in bypass',
    alert: 'CacheBypassed',
    series: { [mode('active')]: gauge([minutes, 0]), [mode('bypass')]: gauge([minutes, 1]) },
    at: '4m',
    fires: [
      {
        rule: { ...warning, sign: 'mode' },
        found: { job },
        description:
          '1 processes of throughline are draining or in bypass; PostgreSQL carries all their reads.',
      },
    ],
  },
  {
    that: 'nobody writes, so the mode stays, but reads cannot use Redis',
    alert: 'CacheBypassed',
    series: {
      [mode('active')]: gauge([minutes, 1]),
      [reads('bypass')]: counter([minutes, 90]),
      [reads('hit')]: counter([minutes, 10]),
    },
    at: '10m',
    fires: [
      {
        rule: { ...warning, sign: 'reads' },
        found: { job },
        description:
          '90% of the reads of throughline go past the cache, so PostgreSQL carries them.',
      },
    ],
  },
  {
    that: 'the cache is used again for two minutes, after ten without it',
    alert: 'CacheBypassed',
    series: {
      [mode('active')]: gauge([minutes, 1]),
      [reads('bypass')]: counter([10, 100], [minutes, 0]),
      [reads('hit')]: counter([10, 0], [minutes, 100]),
    },
    at: '12m',
    fires: [],
  },
  {
    that: 'an epoch changes, which takes a second, and a few reads go past the cache meanwhile',
    alert: 'CacheBypassed',
    series: {
      [mode('draining')]: gauge([5, 0], [1, 1], [20, 0]),
      [reads('bypass')]: counter([minutes, 1]),
      [reads('hit')]: counter([minutes, 99]),
    },
    at: '7m',
    fires: [],
  },
  {
    that: 'a tenth of the writes is refused',
    alert: 'CacheWritesRejected',
    series: {
      [series('cache_writes_total', { namespace: 'product', outcome: 'published' })]: counter([
        minutes,
        90,
      ]),
      [series('cache_writes_total', { namespace: 'product', outcome: 'rejected' })]: counter([
        minutes,
        10,
      ]),
    },
    at: '5m',
    fires: [
      {
        rule: critical,
        found: { job },
        description: '10% of the writes of throughline are rolled back and refused.',
      },
    ],
  },
  {
    that: 'one of a hundred writes is refused',
    alert: 'CacheWritesRejected',
    series: {
      [series('cache_writes_total', { namespace: 'product', outcome: 'published' })]: counter([
        minutes,
        99,
      ]),
      [series('cache_writes_total', { namespace: 'product', outcome: 'rejected' })]: counter([
        minutes,
        1,
      ]),
    },
    at: '10m',
    fires: [],
  },
  {
    that: 'an entry stays pending',
    alert: 'CachePendingOld',
    series: { [series('cache_oldest_pending_seconds')]: gauge([minutes, 75]) },
    at: '2m',
    fires: [
      {
        rule: warning,
        found: { job },
        description:
          'The oldest pending entry waits for 1m 15s. Its readers are answered by PostgreSQL.',
      },
    ],
  },
  {
    that: 'a pending entry is left behind, and swept away in time',
    alert: 'CachePendingOld',
    series: { [series('cache_oldest_pending_seconds')]: gauge([minutes, 40]) },
    at: '10m',
    fires: [],
  },
  {
    that: 'the auditor finds a wrong entry',
    alert: 'CacheStaleReadDetected',
    series: { [series('cache_audits_total', { result: 'violation' })]: '0x60 1x60' },
    at: '62m',
    fires: [
      {
        rule: critical,
        found: { job, instance },
        description:
          'Within the last hour, the auditor of server:9464 has found a wrong entry about 1 times.',
      },
    ],
  },
  {
    that: 'a new process has already found one at its first scrape',
    alert: 'CacheStaleReadDetected',
    series: { [series('cache_audits_total', { result: 'violation' })]: `${nothing(5)} 1x60` },
    at: '7m',
    fires: [
      {
        rule: critical,
        found: { job, instance },
        description:
          'Within the last hour, the auditor of server:9464 has found a wrong entry about 1 times.',
      },
    ],
  },
  {
    that: 'everything the auditor looks at is right, and the wrong entry of yesterday is no news',
    alert: 'CacheStaleReadDetected',
    series: {
      [series('cache_audits_total', { result: 'same' })]: counter([200, 60]),
      [series('cache_audits_total', { result: 'violation' })]: '1x200',
    },
    at: '150m',
    fires: [],
  },
  {
    that: 'entries are read, and the auditor has judged none for twenty minutes',
    alert: 'CacheAuditStalled',
    series: {
      [series('cache_audit_last_success_timestamp_seconds')]: gauge([minutes, 60]),
      [reads('hit')]: counter([minutes, 600]),
    },
    at: '22m',
    fires: [
      {
        rule: warning,
        found: { job, instance },
        description:
          'The auditor of server:9464 last judged an entry 21m 0s ago, so a wrong one would not be noticed.',
      },
    ],
  },
  {
    that: 'nothing is read, so there is nothing to judge',
    alert: 'CacheAuditStalled',
    series: {
      [series('cache_audit_last_success_timestamp_seconds')]: gauge([minutes, 60]),
      [reads('hit')]: counter([minutes, 0]),
    },
    at: '25m',
    fires: [],
  },
  {
    that: 'the auditor judges as it should',
    alert: 'CacheAuditStalled',
    series: {
      [series('cache_audit_last_success_timestamp_seconds')]: counter([minutes, 60]),
      [reads('hit')]: counter([minutes, 600]),
    },
    at: '25m',
    fires: [],
  },
  {
    that: 'one key gets half of a heavy load',
    alert: 'CacheHotKey',
    series: {
      [series('cache_hot_key_share_ratio', { rank: '1' })]: gauge([minutes, 0.5]),
      [reads('hit')]: counter([minutes, 12_000]),
    },
    at: '18m',
    fires: [
      {
        rule: { severity: 'info' },
        found: { job, instance },
        description: '50% of the reads of server:9464 are of one key.',
      },
    ],
  },
  {
    that: 'one key gets half of next to no load of one process, while others are busy',
    alert: 'CacheHotKey',
    series: {
      [series('cache_hot_key_share_ratio', { rank: '1' })]: gauge([minutes, 0.5]),
      [reads('hit')]: counter([minutes, 60]),
      [series('cache_hot_key_share_ratio', { rank: '1', instance: 'busy:9464' })]: gauge([
        minutes,
        0.1,
      ]),
      [series('cache_requests_total', { result: 'hit', instance: 'busy:9464' })]: counter([
        minutes,
        12_000,
      ]),
    },
    at: '18m',
    fires: [],
  },
  {
    that: 'one key gets half of next to no load',
    alert: 'CacheHotKey',
    series: {
      [series('cache_hot_key_share_ratio', { rank: '1' })]: gauge([minutes, 0.5]),
      [reads('hit')]: counter([minutes, 60]),
    },
    at: '18m',
    fires: [],
  },
  {
    that: 'changes from outside wait for a minute',
    alert: 'CacheOutboxLag',
    series: { [series('cache_outbox_lag_seconds')]: gauge([minutes, 60]) },
    at: '3m',
    fires: [
      {
        rule: warning,
        found: { job },
        description:
          'The oldest change that is not applied to the cache is 1m 0s old; until then its readers get the old row.',
      },
    ],
  },
  {
    that: 'changes from outside are applied within seconds',
    alert: 'CacheOutboxLag',
    series: { [series('cache_outbox_lag_seconds')]: gauge([minutes, 5]) },
    at: '10m',
    fires: [],
  },
];
