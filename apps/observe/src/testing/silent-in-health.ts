import type { LiveQuery } from './live-query.ts';

/** Queries that rightly find nothing while all is well, by whose they are, with the reason. */
const silent: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['SLO', 'Service', 'Cache', 'Consistency', 'Redis', 'PostgreSQL and pool'].map((dashboard) => [
      `Throughline / ${dashboard}: Alerts that fire`,
      'it lists alerts, of which in health only Watchdog fires, on the dashboard of the runtime',
    ]),
  ),
  AvailabilityUnmeasured: 'it asks whether something is absent',
  ReadLatencyUnmeasured: 'it asks whether something is absent',
  WriteLatencyUnmeasured: 'it asks whether something is absent',
  ConsistencyUnmeasured: 'it asks whether something is absent',
  RedisPolicyUnsafe: 'it selects policies that the Redis of this stage does not have',
};

/** Exposed by exporters newer than those of this stage; each query that asks for one asks for the older name beside it. */
export const newerMetrics: readonly string[] = ['pg_replication_lag_seconds'];

export const silentNames = Object.keys(silent);

/** Why this query may find nothing; nothing if it may not. */
export function reasonForSilence({ of }: LiveQuery): string | undefined {
  return silent[of];
}
