import { reading, type ServiceSources } from '@throughline/telemetry';
import type { CallMetrics } from './call-metrics.ts';
import { nothingDealt, noWorkers, workerSources } from './worker-sources.ts';
import type { Catalogue, CatalogueReadings } from './catalogue.ts';

/** What a scrape looks at, as far as it is there: metrics are served before the rest is open. */
export interface Watched {
  catalogue?: Pick<Catalogue, 'readings'>;
  calls?: Pick<CallMetrics, 'inFlight'>;
}

/** What the service tells at every scrape. */
export function serviceSources(watched: Watched): ServiceSources {
  const read = () => watched.catalogue?.readings();
  return {
    trpc_requests_in_flight: () => reading(watched.calls?.inFlight),
    cache_epoch: () => reading(read()?.cache.epoch),
    cache_mode: () => modesOf(read()),
    cache_trust_lease_remaining_seconds: () => reading(inSeconds(read()?.leaseLeftMs)),
    cache_pending_entries: () => reading(read()?.cache.pendingEntries),
    cache_oldest_pending_seconds: () => reading(inSeconds(read()?.cache.oldestPendingMs)),
    cache_outbox_backlog: () => reading(read()?.outbox?.rows),
    cache_outbox_lag_seconds: () => reading(read()?.outbox?.lagSeconds),
    cache_audits_total: () => auditsOf(read()),
    cache_audit_last_success_timestamp_seconds: () => reading(inSeconds(read()?.lastJudgedAtMs)),
    cache_warmed_entries: () => reading(read()?.warmUp.loaded),
    cache_warm_duration_seconds: () => reading(inSeconds(read()?.warmUp.tookMs)),
    cache_hot_key_share_ratio: () => hotKeysOf(read()),
    redis_client_connected: () => {
      const isConnected = read()?.cache.storeReachable;
      return reading(isConnected === undefined ? undefined : Number(isConnected));
    },
    change_followers: () => reading(read()?.followers),
    db_pool_connections: () =>
      poolsOf(read()).flatMap(({ pool, used, idle }) => [
        { labels: { pool, state: 'used' }, value: used },
        { labels: { pool, state: 'idle' }, value: idle },
      ]),
    db_pool_connections_max: () =>
      poolsOf(read()).map(({ pool, max }) => ({ labels: { pool }, value: max })),
    db_pool_waiting: () =>
      poolsOf(read()).map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
    ...workerSources(noWorkers, nothingDealt),
  };
}

const modes = ['active', 'draining', 'bypass'] as const;

function modesOf(readings: CatalogueReadings | undefined) {
  if (readings === undefined) return [];
  return modes.map((state) => ({
    labels: { state },
    value: Number(state === readings.cache.mode),
  }));
}

const verdicts = ['same', 'violation', 'absent', 'error'] as const;

function auditsOf(readings: CatalogueReadings | undefined) {
  if (readings === undefined) return [];
  return verdicts.map((result) => ({ labels: { result }, value: readings.audits[result] }));
}

const ranks = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const;

function hotKeysOf(readings: CatalogueReadings | undefined) {
  return ranks.flatMap((rank, index) => {
    const value = readings?.hotKeyShares[index];
    return value === undefined ? [] : [{ labels: { rank }, value }];
  });
}

const pools = ['reads', 'writes'] as const;

function poolsOf(readings: CatalogueReadings | undefined) {
  if (readings === undefined) return [];
  return pools.map((pool) => {
    const { used, idle, waiting, max } = readings.pools[pool];
    return { pool, used, idle, waiting, max };
  });
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
