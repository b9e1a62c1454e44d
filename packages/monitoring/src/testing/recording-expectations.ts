import type { Expectation } from './promtool-tests.ts';
import { counter, series } from './scenario.ts';

const minutes = 30;
const at = '20m';

const reads = (result: string) => series('cache_requests_total', { namespace: 'product', result });
const write = { operation: 'update' };

/** A histogram in which 98 of 100 observations are below the first edge and all below the second. */
function histogram(metric: string, labels: Readonly<Record<string, string>>) {
  const bucket = (le: string) => series(`${metric}_bucket`, { ...labels, le });
  return {
    [bucket('0.1')]: counter([minutes, 98]),
    [bucket('0.25')]: counter([minutes, 100]),
    [bucket('+Inf')]: counter([minutes, 100]),
  };
}

/** Halfway between the edges: the 99th of 100 is the middle one of the two. */
const p99 = 0.175;

const quantiles: readonly (readonly [record: string, metric: string, label: string | undefined])[] =
  [
    ['read:p99_seconds:rate5m', 'product_read_duration_seconds', 'operation'],
    ['write:p99_seconds:rate5m', 'product_write_duration_seconds', 'operation'],
    ['cache:commit_to_visible_p99_seconds:rate5m', 'cache_commit_to_visible_seconds', undefined],
    ['cache:step_p99_seconds:rate5m', 'cache_step_duration_seconds', 'step'],
    ['redis_client:p99_seconds:rate5m', 'redis_client_command_duration_seconds', 'command'],
    ['db_query:p99_seconds:rate5m', 'db_query_duration_seconds', 'query_name'],
    ['db_pool:acquire_p99_seconds:rate5m', 'db_pool_acquire_duration_seconds', 'pool'],
  ];

export const recordingSeries: Readonly<Record<string, string>> = Object.assign(
  {
    [reads('hit')]: counter([minutes, 30]),
    [reads('negative')]: counter([minutes, 15]),
    [reads('miss')]: counter([minutes, 12]),
    [reads('bypass')]: counter([minutes, 2]),
    [reads('error')]: counter([minutes, 1]),
    [series('product_write_duration_seconds_count', { ...write, cache_success: 'true' })]: counter([
      minutes,
      95,
    ]),
    [series('product_write_duration_seconds_count', { ...write, cache_success: 'false' })]: counter(
      [minutes, 5],
    ),
    [series('cache_writes_total', { namespace: 'product', outcome: 'published' })]: counter([
      minutes,
      90,
    ]),
    [series('cache_writes_total', { namespace: 'product', outcome: 'rejected' })]: counter([
      minutes,
      10,
    ]),
  },
  ...quantiles.map(([, metric, label]) =>
    histogram(metric, label === undefined ? {} : { [label]: 'one' }),
  ),
);

const ofProduct = '{job="throughline",namespace="product"}';
const ofJob = '{job="throughline"}';

export const recordingExpectations: readonly Expectation[] = [
  { expr: 'round(cache:reads:rate5m, 0.001)', at, samples: { [ofProduct]: 1 } },
  { expr: 'round(cache:hit_ratio:rate5m, 0.001)', at, samples: { [ofProduct]: 0.75 } },
  { expr: 'round(cache:bypass_ratio:rate5m, 0.001)', at, samples: { [ofJob]: 0.05 } },
  { expr: 'round(cache:write_failure_ratio:rate5m, 0.001)', at, samples: { [ofJob]: 0.05 } },
  { expr: 'round(cache:write_rejected_ratio:rate5m, 0.001)', at, samples: { [ofJob]: 0.1 } },
  ...quantiles.map(([record, , label]) => ({
    expr: `round(${record}, 0.001)`,
    at,
    samples: { [label === undefined ? ofJob : `{job="throughline",${label}="one"}`]: p99 },
  })),
];
