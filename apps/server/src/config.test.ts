import { expect, test } from 'vitest';
import { parseConfig, type Config, type Environment } from './config.ts';

const stores = {
  DATABASE_URL: 'postgres://user:hunter2@db:5432/shop',
  REDIS_URL: 'redis://:hunter3@cache:6379',
};
const secret = 'a secret that has more than 32 bytes';

test('with the stores alone, everything else has the default of the contract', () => {
  expect(configOf(stores)).toEqual({
    databaseUrl: stores.DATABASE_URL,
    databasePoolMax: 20,
    redis: { url: stores.REDIS_URL },
    host: '127.0.0.1',
    port: 3000,
    metricsPort: 9464,
    workers: 1,
    noticeMs: 5_000,
    tls: undefined,
    auth: { keys: { kind: 'none' }, audience: undefined, issuer: undefined, publicReads: true },
    corsOrigins: [],
    rates: { perToken: undefined, perAddress: undefined, proxyHops: 0 },
    cache: {
      onFailure: 'degrade',
      ttlProductMs: 900_000,
      ttlPriceMs: 60_000,
      ttlListMs: 600_000,
      warmCount: 100,
      namespace: 'throughline',
    },
    logLevel: 'info',
    buildCommit: 'unknown',
    asksForSpans: false,
  });
});

test('every variable is read', () => {
  const config = configOf({
    ...stores,
    DATABASE_POOL_MAX: '5',
    HOST: '::1',
    PORT: '0',
    METRICS_PORT: '0',
    SERVER_WORKERS: '4',
    SHUTDOWN_NOTICE_MS: '250',
    AUTH_JWT_SECRET: secret,
    AUTH_JWT_AUDIENCE: 'catalogue',
    AUTH_JWT_ISSUER: 'https://id.example',
    AUTH_PUBLIC_READS: 'false',
    CORS_ORIGINS: 'https://shop.example, http://localhost:5173',
    RATE_LIMIT_PER_TOKEN: '50',
    RATE_LIMIT_PER_ADDRESS: '5',
    TRUSTED_PROXY_HOPS: '1',
    CACHE_ON_FAILURE: 'reject',
    CACHE_TTL_PRODUCT_MS: '1',
    CACHE_TTL_PRICE_MS: '2',
    CACHE_TTL_LIST_MS: '3',
    CACHE_WARM_COUNT: '0',
    CACHE_NAMESPACE: 'shop:eu',
    LOG_LEVEL: 'debug',
    BUILD_COMMIT: '4fa227e',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  });
  expect(config).toEqual({
    databaseUrl: stores.DATABASE_URL,
    databasePoolMax: 5,
    redis: { url: stores.REDIS_URL },
    host: '::1',
    port: 0,
    metricsPort: 0,
    workers: 4,
    noticeMs: 250,
    tls: undefined,
    auth: {
      keys: { kind: 'secret', secret: new TextEncoder().encode(secret) },
      audience: 'catalogue',
      issuer: 'https://id.example',
      publicReads: false,
    },
    corsOrigins: ['https://shop.example', 'http://localhost:5173'],
    rates: { perToken: 50, perAddress: 5, proxyHops: 1 },
    cache: {
      onFailure: 'reject',
      ttlProductMs: 1,
      ttlPriceMs: 2,
      ttlListMs: 3,
      warmCount: 0,
      namespace: 'shop:eu',
    },
    logLevel: 'debug',
    buildCommit: '4fa227e',
    asksForSpans: true,
  });
});

test('every problem is told at once, each with its variable and what is expected', () => {
  const problems = problemsOf({
    REDIS_URL: 'http://cache:6379',
    REDIS_CLUSTER_URLS: 'redis://a,redis://b/1',
    DATABASE_POOL_MAX: 'many',
    HOST: '0.0.0.0',
    PORT: '70000',
    METRICS_PORT: '-1',
    SERVER_WORKERS: '0',
    AUTH_PUBLIC_READS: 'yes',
    CORS_ORIGINS: '*',
    CACHE_ON_FAILURE: 'ignore',
    CACHE_TTL_PRODUCT_MS: '0',
    CACHE_TTL_PRICE_MS: '1.5',
    CACHE_TTL_LIST_MS: '1e3',
    CACHE_WARM_COUNT: '100001',
    CACHE_NAMESPACE: 'a{b}',
    LOG_LEVEL: 'loud',
  });
  expect(problems).toEqual([
    'DATABASE_URL is missing; expected a PostgreSQL URL such as postgres://user:password@host:5432/database, special characters percent-encoded.',
    'DATABASE_POOL_MAX is "many"; expected a whole number from 1 to 1000.',
    'REDIS_URL is not valid; expected a Redis such as redis://host:6379 or rediss://user:password@host:6379/0, or Sentinels and the name of what they watch such as redis://user:password@host:26379,host:26379/mymaster, special characters percent-encoded.',
    'REDIS_CLUSTER_URLS is not valid; expected nodes of a Redis Cluster such as redis://user:password@host:6379,redis://user:password@host:6379, all with the same scheme, user and password, special characters percent-encoded.',
    'PORT is "70000"; expected a port number from 0 to 65535.',
    'METRICS_PORT is "-1"; expected a port number from 0 to 65535.',
    'SERVER_WORKERS is "0"; expected a whole number from 1 to 64.',
    'AUTH_PUBLIC_READS is "yes"; expected true or false.',
    'CORS_ORIGINS is "*"; expected origins as browsers send them, such as https://shop.example,http://localhost:5173, without a path.',
    'CACHE_ON_FAILURE is "ignore"; expected reject or degrade.',
    'CACHE_TTL_PRODUCT_MS is "0"; expected a whole number of milliseconds from 1 to 2147483647.',
    'CACHE_TTL_PRICE_MS is "1.5"; expected a whole number of milliseconds from 1 to 2147483647.',
    'CACHE_TTL_LIST_MS is "1e3"; expected a whole number of milliseconds from 1 to 2147483647.',
    'CACHE_WARM_COUNT is "100001"; expected a whole number from 0 to 100000.',
    'CACHE_NAMESPACE is "a{b}"; expected 1 to 64 letters, digits, dots, colons, dashes or underscores.',
    'LOG_LEVEL is "loud"; expected one of fatal, error, warn, info, debug, trace, silent.',
    'REDIS_URL and REDIS_CLUSTER_URLS are both set; expected one of them.',
    'AUTH_JWT_SECRET and AUTH_JWKS_URL are missing; expected one of them, as HOST is not a loopback address.',
  ]);
});

test.each([
  { DATABASE_URL: 'postgres://user:ge%heim@db:5432/shop' },
  { DATABASE_URL: 'postgres:5432/shop' },
  { REDIS_URL: 'redis://:ge%heim@cache:6379' },
  { REDIS_URL: 'redis://one:6379,two:6379' },
  { REDIS_URL: 'redis:' },
])('a URL that no driver could use is a problem and not a surprise later: %o', (broken) => {
  const problems = problemsOf({ ...stores, ...broken });
  expect(problems).toEqual([expect.stringMatching(/^\w+_URL is not valid; .*percent-encoded\.$/)]);
});

test('Redis is one Redis, Sentinels or a cluster', () => {
  const { DATABASE_URL } = stores;
  const sentinels = 'rediss://user:hunter3@s1:26379,s2:26379/mymaster';
  expect(configOf({ DATABASE_URL, REDIS_URL: sentinels }).redis).toEqual({ url: sentinels });
  const REDIS_CLUSTER_URLS = 'redis://:hunter3@n1:7000, redis://:hunter3@n2:7000';
  expect(configOf({ DATABASE_URL, REDIS_CLUSTER_URLS }).redis).toEqual({
    clusterUrls: ['redis://:hunter3@n1:7000', 'redis://:hunter3@n2:7000'],
  });
  expect(problemsOf({ DATABASE_URL })).toEqual([
    'REDIS_URL and REDIS_CLUSTER_URLS are missing; expected REDIS_URL for one Redis or for Sentinels, or REDIS_CLUSTER_URLS for a Redis Cluster.',
  ]);
});

test('a rate is at least one, and proxies are counted', () => {
  expect(problemsOf({ ...stores, RATE_LIMIT_PER_TOKEN: '0', TRUSTED_PROXY_HOPS: 'all' })).toEqual([
    'RATE_LIMIT_PER_TOKEN is "0"; expected a whole number of requests in a second from 1 to 100000.',
    'TRUSTED_PROXY_HOPS is "all"; expected a whole number from 0 to 10.',
  ]);
});

test('a problem never shows what may hold a password or a key', () => {
  const problems = problemsOf({
    DATABASE_URL: 'mysql://user:hunter2@db',
    REDIS_CLUSTER_URLS: 'redis://:hunter2@n1:7000,redis://:hunter3@n2:7000',
    AUTH_JWT_SECRET: 'hunter2',
    AUTH_JWKS_URL: 'http://user:hunter2@id.example/keys',
  });
  expect(problems).toHaveLength(5);
  expect(problems.join('\n')).not.toContain('hunter');
});

test('a variable that is set to nothing counts as not set', () => {
  expect(configOf({ ...stores, PORT: '', AUTH_JWT_SECRET: '', REDIS_CLUSTER_URLS: '' }).port).toBe(
    3000,
  );
});

test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('%s needs no keys', (HOST) => {
  expect(configOf({ ...stores, HOST }).auth).toMatchObject({
    keys: { kind: 'none' },
    publicReads: true,
  });
});

test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com'])(
  '%s needs keys, and its reads are not public unless someone says so',
  (HOST) => {
    expect(problemsOf({ ...stores, HOST })).toHaveLength(1);
    const withKeys = { ...stores, HOST, AUTH_JWT_SECRET: secret };
    expect(configOf(withKeys).auth.publicReads).toBe(false);
    expect(configOf({ ...withKeys, AUTH_PUBLIC_READS: 'true' }).auth.publicReads).toBe(true);
  },
);

test.each([
  '*',
  'null',
  'shop.example',
  'https://*.shop.example',
  'https://shop.example/',
  'https://shop.example:443',
  'https://Shop.example',
  'https://user@shop.example',
  'file:///shop',
  'https://shop.example,',
  'https://shop.example https://other.example',
])('an origin that no browser sends like this is refused rather than never met: %s', (origins) => {
  expect(problemsOf({ ...stores, CORS_ORIGINS: origins })).toHaveLength(1);
});

test('a secret is counted in bytes, at least 32 of them', () => {
  expect(problemsOf({ ...stores, AUTH_JWT_SECRET: 'x'.repeat(31) })).toEqual([
    'AUTH_JWT_SECRET is not valid; expected a secret of at least 32 bytes.',
  ]);
  expect(configOf({ ...stores, AUTH_JWT_SECRET: 'é'.repeat(16) }).auth.keys.kind).toBe('secret');
});

test('keys come over https, or from this machine', () => {
  expect(acceptsKeysFrom('https://id.example/keys')).toBe(true);
  expect(acceptsKeysFrom('http://127.0.0.1:8080/keys')).toBe(true);
  expect(acceptsKeysFrom('http://[::1]:8080/keys')).toBe(true);
  expect(acceptsKeysFrom('http://id.example/keys')).toBe(false);
  expect(acceptsKeysFrom('https://user:secret@id.example/keys')).toBe(false);
  expect(acceptsKeysFrom('keys')).toBe(false);
});

test('a secret and a key set together are one too many', () => {
  const keys = { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: 'https://id.example/keys' };
  expect(problemsOf({ ...stores, ...keys })).toEqual([
    'AUTH_JWT_SECRET and AUTH_JWKS_URL are both set; expected one of them.',
  ]);
});

test('metrics have a port of their own', () => {
  expect(problemsOf({ ...stores, METRICS_PORT: '3000' })).toHaveLength(1);
  expect(problemsOf({ ...stores, PORT: '9464' })).toHaveLength(1);
});

function configOf(environment: Environment): Config {
  const result = parseConfig(environment);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

function problemsOf(environment: Environment): readonly string[] {
  const result = parseConfig(environment);
  return result.ok ? [] : result.problems;
}

function acceptsKeysFrom(AUTH_JWKS_URL: string): boolean {
  return parseConfig({ ...stores, AUTH_JWKS_URL }).ok;
}
