import { createAppRouter, type CacheStatus, type Scope } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { createLogger, createMetrics } from '@throughline/telemetry';
import { CallMetrics } from '../call-metrics.ts';
import type { AuthConfig } from '../config.ts';
import { openHttpEndpoint } from '../http-endpoint.ts';
import { PublicHeaders } from '../public-headers.ts';
import { createTokenVerifier } from '../token-verifier.ts';
import { createTrpcListener, type TrpcListenerOptions } from '../trpc-listener.ts';
import { secret, tokenWith } from './tokens.ts';

export const cacheStatus: CacheStatus = {
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
  hitRatio: 0.5,
  reads: { hit: 190, negative: 10, miss: 200, pending: 0, bypass: 0, error: 0 },
  latencies: [
    {
      kind: 'read',
      cacheSuccess: 'true',
      buckets: [{ upToMs: 5, count: 390 }],
      count: 400,
      sumMs: 900,
    },
  ],
  hotKeys: [{ key: 'product:7', share: 0.25 }],
  outbox: { rows: 0, lagSeconds: 0 },
  audit: { samples: 400, judged: 300, violations: 0, violationRatioBound: 0.01 },
  warmUp: { state: 'done', loaded: 100, total: 100, perSecond: 5_000 },
};

/** The service on a free port, over a product service without stores. */
export interface RunningService extends AsyncDisposable {
  readonly url: string;
  readonly products: InMemoryProducts;
  readonly admin: InMemoryCacheAdmin;
  exposeMetrics(): Promise<string>;
  /** Every line that was logged, as JSON. */
  readonly log: string[];
  /** A client whose token has these scopes; without scopes it sends no token. */
  clientWith(...scopes: Scope[]): Promise<ThroughlineClient>;
  /** Sends a request as it is, below `/trpc/`. */
  request(path: string, init?: RequestInit): Promise<Response>;
}

export interface ServiceOptions {
  readonly auth?: Partial<AuthConfig>;
  readonly corsOrigins?: readonly string[];
  readonly admission?: TrpcListenerOptions['admission'];
  readonly rates?: TrpcListenerOptions['rates'];
  readonly pages?: TrpcListenerOptions['pages'];
}

/** Whom it lets in: whoever has a token signed with the secret of tests, unless said otherwise. */
export async function startService(
  publicReads = true,
  { auth, corsOrigins = [], admission, rates, pages }: ServiceOptions = {},
): Promise<RunningService> {
  const products = new InMemoryProducts();
  const admin = new InMemoryCacheAdmin();
  const log: string[] = [];
  const router = createAppRouter({ products, admin, status: () => cacheStatus });
  const metrics = createMetrics();
  const listener = createTrpcListener({
    router,
    calls: new CallMetrics(metrics, router),
    verifyToken: createTokenVerifier({
      keys: { kind: 'secret', secret },
      audience: undefined,
      issuer: undefined,
      ...auth,
    }),
    publicReads,
    publicHeaders: new PublicHeaders({ corsOrigins, isTls: false }),
    ...(admission && { admission }),
    rates,
    pages,
    logger: createLogger({ level: 'info', destination: { write: (line) => void log.push(line) } }),
  });
  const endpoint = await openHttpEndpoint({ listener, host: '127.0.0.1', port: 0 });
  const url = `${endpoint.url}/trpc`;
  return {
    url,
    products,
    admin,
    log,
    exposeMetrics: async () => (await metrics.expose()).text,
    async clientWith(...scopes) {
      return createClient({
        url,
        token: scopes.length > 0 ? await tokenWith(...scopes) : undefined,
        // Tests of the service look at every answer.
        retryForMs: 0,
      });
    },
    request: (path, init) => fetch(`${url}/${path}`, init),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

/** The input of a query as it stands in a URL. */
export function inputOf(input: unknown): string {
  return encodeURIComponent(JSON.stringify(input));
}
