import { createRequire } from 'node:module';
import path from 'node:path';
import { startProgram } from '../program.ts';
import { redisDatabases, redisDatabaseUrl } from '../stores.ts';
import { tracing } from './service-variants.ts';
import type { Surroundings, Variant } from './variant.ts';

type RedisDatabase = keyof typeof redisDatabases;

const require = createRequire(import.meta.url);

/** What users would run instead, each behind tRPC's standalone adapter. */
export const shopVariants: readonly Variant[] = [
  {
    name: 'limit',
    is: 'node:http, one GET, bytes passed through: the limit of a cached read',
    start: async (surroundings) =>
      startProgram({
        file: path.resolve(import.meta.dirname, '../servers/limit.ts'),
        nodeOptions: surroundings.nodeOptions ?? [],
        environment: environmentOf(surroundings, 'stored'),
      }),
  },
  shop('stock', 'stock-shop', 'stored', "tRPC's standalone adapter, Zod input, GET, JSON.parse"),
  {
    name: 'stock, auto-instrumented',
    is: 'the same under all auto-instrumentations of OpenTelemetry, sampled at 10 %',
    start: async (surroundings) =>
      startProgram({
        file: shopFile('stock-shop'),
        nodeOptions: [
          ...(surroundings.nodeOptions ?? []),
          '--require',
          require.resolve('@opentelemetry/auto-instrumentations-node/register'),
          // Without it, an application of ES modules has no spans of HTTP.
          '--experimental-loader',
          import.meta.resolve('@opentelemetry/instrumentation/hook.mjs'),
        ],
        environment: {
          ...environmentOf(surroundings, 'stored'),
          ...tracing(surroundings.collectorUrl, '0.1'),
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
        },
      }),
  },
  shop('no cache, pg', 'pg-shop', 'stored', 'tRPC, prepared statements through pg'),
  shop('no cache, Sequelize', 'sequelize-shop', 'stored', 'tRPC, findByPk with what belongs to it'),
  shop('classic', 'classic-shop', 'classic', 'SET within the Sequelize transaction, then COMMIT'),
  shop('bentocache', 'bentocache-shop', 'bentocache', 'getOrSet, delete after a write, over pg'),
  shop('cacheable', 'cacheable-shop', 'cacheable', 'getOrSet, delete after a write, over pg'),
  shop('cache-manager', 'cache-manager-shop', 'cacheManager', 'wrap, del after a write, over pg'),
  shop(
    'async-cache-dedupe',
    'async-cache-dedupe-shop',
    'asyncCacheDedupe',
    'define, clear after a write, over pg',
  ),
];

function shop(name: Variant['name'], file: string, database: RedisDatabase, is: string): Variant {
  return {
    name,
    is,
    start: async (surroundings) =>
      startProgram({
        file: shopFile(file),
        nodeOptions: surroundings.nodeOptions ?? [],
        environment: environmentOf(surroundings, database),
      }),
  };
}

function shopFile(name: string): string {
  return path.resolve(import.meta.dirname, `../shops/${name}.ts`);
}

function environmentOf(
  { stores, environment }: Surroundings,
  database: RedisDatabase,
): Record<string, string> {
  return {
    ...environment,
    DATABASE_URL: stores.plainDatabaseUrl,
    REDIS_URL: redisDatabaseUrl(stores.redisUrl, redisDatabases[database]),
  };
}
