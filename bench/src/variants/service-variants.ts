import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../program.ts';
import type { Surroundings, Variant } from './variant.ts';

const service = path.resolve(import.meta.dirname, '../../../apps/server/src/main.ts');
const untold = path.resolve(import.meta.dirname, '../servers/untold-service.ts');
const databaseOnly = path.resolve(import.meta.dirname, '../servers/database-only-service.ts');
const startTracing = fileURLToPath(import.meta.resolve('@throughline/telemetry/start-tracing'));

/** The service as users start it, in the ways in which it is compared with itself. */
export const serviceVariants: readonly Variant[] = [
  {
    name: 'ours',
    is: 'the service as users start it: metrics, traces sampled at 1 %',
    start: async (surroundings) => startService(surroundings),
  },
  {
    name: 'ours again',
    is: 'the same once more: what differs is noise',
    start: async (surroundings) => startService(surroundings),
  },
  {
    name: 'ours, no telemetry',
    is: 'the same server put together without metrics, spans and what tells them',
    start: async (surroundings) => startService(surroundings, { file: untold, sampled: 'never' }),
  },
  {
    name: 'ours, every request traced',
    is: 'the service with traces sampled at 100 %',
    start: async (surroundings) => startService(surroundings, { sampled: '1' }),
  },
  {
    name: 'ours, two workers',
    is: 'the service with SERVER_WORKERS=2',
    start: async (surroundings) =>
      startService(surroundings, { environment: { SERVER_WORKERS: '2' } }),
  },
  {
    name: 'database only',
    is: 'the same server; a price update is BEGIN, UPDATE … RETURNING, COMMIT, and there is no cache',
    start: async (surroundings) =>
      startService(surroundings, {
        file: databaseOnly,
        environment: { DATABASE_URL: surroundings.stores.plainDatabaseUrl },
      }),
  },
];

export interface ServiceOptions {
  readonly file?: string;
  /** The share of requests whose spans are sent; `never`: the process has no tracing. */
  readonly sampled?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startService(
  surroundings: Surroundings,
  options: ServiceOptions = {},
): Promise<Program> {
  const { stores, collectorUrl, secret, nodeOptions = [] } = surroundings;
  const { file = service, sampled = '0.01', environment = {} } = options;
  const traced = sampled !== 'never';
  return startProgram({
    file,
    nodeOptions: [...nodeOptions, ...(traced ? ['--import', startTracing] : [])],
    environment: {
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redisUrl,
      AUTH_JWT_SECRET: secret,
      CACHE_WARM_COUNT: '0',
      LOG_LEVEL: 'info',
      ...(traced && tracing(collectorUrl, sampled)),
      ...surroundings.environment,
      ...environment,
    },
  });
}

/** The settings of an OpenTelemetry SDK that sends this share of its spans. */
export function tracing(collectorUrl: string, sampled: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: sampled,
  };
}
