import { asksForSpans, logLevels, type LogLevel } from '@throughline/telemetry';
import { parseRedisLocation, type RedisLocation } from '@throughline/write-through/redis';
import { z } from 'zod';
import { limits } from './limits.ts';
import { problemsOfTlsFiles, type TlsFiles } from './tls-context.ts';

/** How bearer tokens are verified; with `none` every token is refused. */
type TokenKeys =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly secret: Uint8Array }
  | { readonly kind: 'jwks'; readonly url: URL };

export interface AuthConfig {
  readonly keys: TokenKeys;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
  /** Whether anyone may call queries that need no admin scope. */
  readonly publicReads: boolean;
}

/** Requests in a second; undefined: as many as come. */
export interface RateConfig {
  readonly perToken: number | undefined;
  readonly perAddress: number | undefined;
  /** How many proxies stand before the service, each of which adds an address to `x-forwarded-for`. */
  readonly proxyHops: number;
}

interface CacheConfig {
  readonly onFailure: 'reject' | 'degrade';
  readonly ttlProductMs: number;
  readonly ttlPriceMs: number;
  readonly ttlListMs: number;
  /** How many of the most viewed products to load before the service is ready; 0 loads none. */
  readonly warmCount: number;
  /** What keeps environments apart on one Redis. */
  readonly namespace: string;
}

/** The settings of one service process; the contract's table of variables says what each means. */
export interface Config {
  readonly databaseUrl: string;
  readonly databasePoolMax: number;
  readonly redis: RedisLocation;
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  /** How many processes serve behind the port; 1 is a process without a supervisor. */
  readonly workers: number;
  /** From SIGTERM until the port is closed, in which whoever sends requests learns that the process stops. */
  readonly noticeMs: number;
  /** Undefined: the public port is not encrypted. */
  readonly tls: TlsFiles | undefined;
  readonly auth: AuthConfig;
  /** Origins of pages that may call the service from a browser. */
  readonly corsOrigins: readonly string[];
  readonly rates: RateConfig;
  readonly cache: CacheConfig;
  readonly logLevel: LogLevel;
  /** What was built, for metrics; `unknown` where nobody said it. */
  readonly buildCommit: string;
  /** Whether `OTEL_*` asks for spans, which takes a process that was started for it. */
  readonly asksForSpans: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The configuration of this process. Where it is not valid, tells every problem at once and exits with 1. */
export function loadConfig(): Config {
  const result = parseConfig(process.env);
  if (result.ok) return result.config;
  process.stderr.write(`${result.problems.join('\n')}\n`);
  process.exit(1);
}

/** A variable that is set to nothing counts as not set: compose files pass on what they do not have. */
export function parseConfig(environment: Environment): ConfigResult {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(set);
  const problems = [
    ...(parsed.error ? describeIssues(parsed.error, set) : []),
    ...conflictsOf(set),
  ];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { ...toConfig(parsed.data), asksForSpans: asksForSpans(set) } };
}

const defaultHost = '127.0.0.1';
const defaultPort = 3000;
const defaultMetricsPort = 9464;
const secretBytesMin = 32;
/** More than the cores of most machines; each opens connections of its own to both stores. */
const workersMax = 64;
/** No supervisor waits longer before it kills. */
const noticeMaxMs = 300_000;
/** More than one Redis can count. */
const rateMax = 100_000;
/** Nobody runs more proxies before one service. */
const proxyHopsMax = 10;

const integerBetween = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
const urlOf = (protocols: readonly string[]) =>
  z.string().refine((value) => {
    const url = URL.parse(value);
    if (url === null || !protocols.includes(url.protocol)) return false;
    return value.startsWith(`${url.protocol}//`) && isDecodable(url);
  });
const ttlMs = integerBetween(1, 2_147_483_647);

const environmentSchema = z.object({
  DATABASE_URL: urlOf(['postgres:', 'postgresql:']),
  DATABASE_POOL_MAX: integerBetween(1, 1_000).default(20),
  REDIS_URL: z
    .string()
    .refine((url) => isRedisLocation({ url }))
    .optional(),
  REDIS_CLUSTER_URLS: z
    .string()
    .transform((urls) => urls.split(',').map((url) => url.trim()))
    .refine((clusterUrls) => isRedisLocation({ clusterUrls }))
    .optional(),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/)
    .default(defaultHost),
  PORT: integerBetween(0, 65_535).default(defaultPort),
  METRICS_PORT: integerBetween(0, 65_535).default(defaultMetricsPort),
  SERVER_WORKERS: integerBetween(1, workersMax).default(1),
  SHUTDOWN_NOTICE_MS: integerBetween(0, noticeMaxMs).default(limits.noticeMs),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  AUTH_JWT_SECRET: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= secretBytesMin)
    .optional(),
  AUTH_JWKS_URL: z.string().refine(isSafeForKeys).optional(),
  AUTH_JWT_AUDIENCE: z.string().optional(),
  AUTH_JWT_ISSUER: z.string().optional(),
  AUTH_PUBLIC_READS: z.enum(['true', 'false']).optional(),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((origins) => (origins === '' ? [] : origins.split(',').map((each) => each.trim())))
    .refine((origins) => origins.every(isWebOrigin)),
  RATE_LIMIT_PER_TOKEN: integerBetween(1, rateMax).optional(),
  RATE_LIMIT_PER_ADDRESS: integerBetween(1, rateMax).optional(),
  TRUSTED_PROXY_HOPS: integerBetween(0, proxyHopsMax).default(0),
  CACHE_ON_FAILURE: z.enum(['reject', 'degrade']).default('degrade'),
  CACHE_TTL_PRODUCT_MS: ttlMs.default(900_000),
  CACHE_TTL_PRICE_MS: ttlMs.default(60_000),
  CACHE_TTL_LIST_MS: ttlMs.default(600_000),
  CACHE_WARM_COUNT: integerBetween(0, 100_000).default(100),
  CACHE_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/)
    .default('throughline'),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  BUILD_COMMIT: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .default('unknown'),
});

type Variables = z.infer<typeof environmentSchema>;
type VariableName = keyof Variables;

const ttlExpected = 'a whole number of milliseconds from 1 to 2147483647';
const rateExpected = `a whole number of requests in a second from 1 to ${rateMax}`;
const portExpected = 'a port number from 0 to 65535';
const expected = {
  DATABASE_URL:
    'a PostgreSQL URL such as postgres://user:password@host:5432/database, special characters percent-encoded',
  DATABASE_POOL_MAX: 'a whole number from 1 to 1000',
  REDIS_URL:
    'a Redis such as redis://host:6379 or rediss://user:password@host:6379/0, or Sentinels and the name of what they watch such as redis://user:password@host:26379,host:26379/mymaster, special characters percent-encoded',
  REDIS_CLUSTER_URLS:
    'nodes of a Redis Cluster such as redis://user:password@host:6379,redis://user:password@host:6379, all with the same scheme, user and password, special characters percent-encoded',
  HOST: 'an address or a host name to listen at',
  PORT: portExpected,
  METRICS_PORT: portExpected,
  SERVER_WORKERS: `a whole number from 1 to ${workersMax}`,
  SHUTDOWN_NOTICE_MS: `a whole number of milliseconds from 0 to ${noticeMaxMs}`,
  TLS_CERT_FILE: 'a file with a certificate in PEM',
  TLS_KEY_FILE: 'a file with a private key in PEM',
  AUTH_JWT_SECRET: `a secret of at least ${secretBytesMin} bytes`,
  AUTH_JWKS_URL:
    'an https:// URL of a JSON Web Key Set without user and password, or http:// on this machine',
  AUTH_JWT_AUDIENCE: 'the audience of the tokens',
  AUTH_JWT_ISSUER: 'the issuer of the tokens',
  AUTH_PUBLIC_READS: 'true or false',
  CORS_ORIGINS:
    'origins as browsers send them, such as https://shop.example,http://localhost:5173, without a path',
  RATE_LIMIT_PER_TOKEN: rateExpected,
  RATE_LIMIT_PER_ADDRESS: rateExpected,
  TRUSTED_PROXY_HOPS: `a whole number from 0 to ${proxyHopsMax}`,
  CACHE_ON_FAILURE: 'reject or degrade',
  CACHE_TTL_PRODUCT_MS: ttlExpected,
  CACHE_TTL_PRICE_MS: ttlExpected,
  CACHE_TTL_LIST_MS: ttlExpected,
  CACHE_WARM_COUNT: 'a whole number from 0 to 100000',
  CACHE_NAMESPACE: '1 to 64 letters, digits, dots, colons, dashes or underscores',
  LOG_LEVEL: `one of ${logLevels.join(', ')}`,
  BUILD_COMMIT: '1 to 64 letters, digits, dots, dashes or underscores',
} as const satisfies Record<VariableName, string>;

/** Variables that may hold a password or a key: their problems never show the value. */
const secretVariables: ReadonlySet<string> = new Set<VariableName>([
  'DATABASE_URL',
  'REDIS_URL',
  'REDIS_CLUSTER_URLS',
  'AUTH_JWT_SECRET',
  'AUTH_JWKS_URL',
]);

function describeIssues(error: z.ZodError, environment: Environment): string[] {
  const failed = new Set(error.issues.map(({ path: [name] }) => name));
  const described = Object.entries(expected).filter(([name]) => failed.has(name));
  return described.map(([name, what]) => {
    const value = environment[name];
    const isNotValid = secretVariables.has(name) ? 'is not valid' : `is ${JSON.stringify(value)}`;
    return `${name} ${value === undefined ? 'is missing' : isNotValid}; expected ${what}.`;
  });
}

/** Problems between variables, found whether or not each of them is valid by itself. */
function conflictsOf(environment: Environment): string[] {
  const {
    HOST = defaultHost,
    PORT = `${defaultPort}`,
    METRICS_PORT = `${defaultMetricsPort}`,
  } = environment;
  const { AUTH_JWT_SECRET, AUTH_JWKS_URL, REDIS_URL, REDIS_CLUSTER_URLS } = environment;
  const problems: string[] = [];
  if (REDIS_URL === undefined && REDIS_CLUSTER_URLS === undefined) {
    problems.push(
      'REDIS_URL and REDIS_CLUSTER_URLS are missing; expected REDIS_URL for one Redis or for Sentinels, or REDIS_CLUSTER_URLS for a Redis Cluster.',
    );
  }
  if (REDIS_URL !== undefined && REDIS_CLUSTER_URLS !== undefined) {
    problems.push('REDIS_URL and REDIS_CLUSTER_URLS are both set; expected one of them.');
  }
  if (PORT === METRICS_PORT && PORT !== '0') {
    problems.push(
      'METRICS_PORT is the same as PORT; expected a port of its own, as metrics are not public.',
    );
  }
  problems.push(...tlsProblems(environment));
  if (AUTH_JWT_SECRET !== undefined && AUTH_JWKS_URL !== undefined) {
    problems.push('AUTH_JWT_SECRET and AUTH_JWKS_URL are both set; expected one of them.');
  }
  if (AUTH_JWT_SECRET === undefined && AUTH_JWKS_URL === undefined && !isLoopback(HOST)) {
    problems.push(
      'AUTH_JWT_SECRET and AUTH_JWKS_URL are missing; expected one of them, as HOST is not a loopback address.',
    );
  }
  return problems;
}

/** Files are read again when they are used; what is wrong with them now, nobody should have to look for in a log. */
function tlsProblems(environment: Environment): readonly string[] {
  const { TLS_CERT_FILE, TLS_KEY_FILE } = environment;
  const files = toTlsFiles(TLS_CERT_FILE, TLS_KEY_FILE);
  if (files) return problemsOfTlsFiles(files);
  if (TLS_CERT_FILE === undefined && TLS_KEY_FILE === undefined) return [];
  const missing = TLS_CERT_FILE === undefined ? 'TLS_CERT_FILE' : 'TLS_KEY_FILE';
  return [`${missing} is missing; expected TLS_CERT_FILE and TLS_KEY_FILE together.`];
}

function toConfig(variables: Variables): Omit<Config, 'asksForSpans'> {
  const publicReads = variables.AUTH_PUBLIC_READS ?? String(isLoopback(variables.HOST));
  return {
    databaseUrl: variables.DATABASE_URL,
    databasePoolMax: variables.DATABASE_POOL_MAX,
    redis: toRedisLocation(variables),
    host: variables.HOST,
    port: variables.PORT,
    metricsPort: variables.METRICS_PORT,
    workers: variables.SERVER_WORKERS,
    noticeMs: variables.SHUTDOWN_NOTICE_MS,
    tls: toTlsFiles(variables.TLS_CERT_FILE, variables.TLS_KEY_FILE),
    auth: {
      keys: toTokenKeys(variables),
      audience: variables.AUTH_JWT_AUDIENCE,
      issuer: variables.AUTH_JWT_ISSUER,
      publicReads: publicReads === 'true',
    },
    corsOrigins: variables.CORS_ORIGINS,
    rates: {
      perToken: variables.RATE_LIMIT_PER_TOKEN,
      perAddress: variables.RATE_LIMIT_PER_ADDRESS,
      proxyHops: variables.TRUSTED_PROXY_HOPS,
    },
    cache: {
      onFailure: variables.CACHE_ON_FAILURE,
      ttlProductMs: variables.CACHE_TTL_PRODUCT_MS,
      ttlPriceMs: variables.CACHE_TTL_PRICE_MS,
      ttlListMs: variables.CACHE_TTL_LIST_MS,
      warmCount: variables.CACHE_WARM_COUNT,
      namespace: variables.CACHE_NAMESPACE,
    },
    logLevel: variables.LOG_LEVEL,
    buildCommit: variables.BUILD_COMMIT,
  };
}

function toTlsFiles(
  certFile: string | undefined,
  keyFile: string | undefined,
): TlsFiles | undefined {
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
}

function toRedisLocation({ REDIS_URL = '', REDIS_CLUSTER_URLS }: Variables): RedisLocation {
  return REDIS_CLUSTER_URLS === undefined
    ? { url: REDIS_URL }
    : { clusterUrls: REDIS_CLUSTER_URLS };
}

function toTokenKeys({ AUTH_JWT_SECRET, AUTH_JWKS_URL }: Variables): TokenKeys {
  if (AUTH_JWT_SECRET !== undefined) {
    return { kind: 'secret', secret: new TextEncoder().encode(AUTH_JWT_SECRET) };
  }
  return AUTH_JWKS_URL === undefined
    ? { kind: 'none' }
    : { kind: 'jwks', url: new URL(AUTH_JWKS_URL) };
}

/** A lone % in a password is the usual mistake; drivers find it only when they connect. */
function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function isRedisLocation(location: RedisLocation): boolean {
  try {
    parseRedisLocation(location);
    return true;
  } catch {
    return false;
  }
}

/** No pattern, and nothing that a browser would write in another way: what is compared is the text. */
function isWebOrigin(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.origin === value && !value.includes('*')
  );
}

/** Whoever can change the keys on their way can forge any token. With a password no URL can be fetched. */
function isSafeForKeys(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
