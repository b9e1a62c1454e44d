import { openDemoToken, prepareDatabase, signDemoToken } from '@throughline/demo';
import {
  AlertmanagerServer,
  NodeProgram,
  PostgresExporter,
  PostgresServer,
  PrometheusServer,
  RedisExporter,
  RedisServer,
} from '@throughline/local-stack';
import { createDurations, defaultSettings, generatedFiles } from '@throughline/monitoring';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { healthyPast } from './healthy-past.ts';
import { type Notification, NotificationReceiver } from './notification-receiver.ts';
import type { ObservedPorts } from './observed-ports.ts';
import {
  type ActiveAlert,
  PrometheusApi,
  type QueryResult,
  type Target,
} from './prometheus-api.ts';
import { Traffic } from './traffic.ts';

export interface ObservedServiceOptions {
  /** where everything is kept, written down safely; without it, all of it is temporary */
  readonly directory?: string;
  /**
   * Every duration of the rules and of Alertmanager, and the interval of scrapes, is multiplied by it. 1 is
   * production: a scrape each 15 s. 1/60 makes minutes of seconds: four scrapes a second.
   */
  readonly durationScale?: number;
  /** those left out are free ones */
  readonly ports?: Partial<ObservedPorts>;
  /** variables of the service, which win over ours, such as `{ CACHE_ON_FAILURE: 'reject' }` */
  readonly environment?: Readonly<Record<string, string>>;
  /** more arguments for `redis-server`, such as `['--maxmemory', '64mb']` */
  readonly redisArguments?: readonly string[];
  /** more arguments for `postgres`, such as `['-c', 'max_connections=30']` */
  readonly postgresArguments?: readonly string[];
  /** a replica of Redis, watched by an exporter of its own */
  readonly redisReplica?: boolean;
  /** fills the database with the demo catalogue, if it is empty */
  readonly demoCatalogue?: boolean;
  /** the pause between two rounds of traffic: seven calls, at times eleven; 100 unless said otherwise */
  readonly trafficRoundMs?: number;
  /** Prometheus remembers three days, before scaling, in which nothing was wrong */
  readonly healthyPast?: boolean;
  /** hears of every notification of Alertmanager when it arrives */
  readonly notified?: (notification: Notification) => void;
  /** aborted, it is given up after the step under way: what was opened is closed, and the reason thrown */
  readonly signal?: AbortSignal;
}

export interface ObservedUrls {
  readonly trpc: string;
  readonly metrics: string;
  readonly health: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly redisExporter: string;
  readonly postgresExporter: string;
}

type ServicePort = 'trpc' | 'metrics';

interface Parts {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly service: NodeProgram<ServicePort>;
  readonly redisExporter: RedisExporter;
  readonly postgresExporter: PostgresExporter;
  readonly notifications: NotificationReceiver;
  readonly alertmanager: AlertmanagerServer;
  readonly prometheus: PrometheusServer;
  readonly traffic: Traffic;
  readonly secret: string;
  readonly token: string;
}

/**
 * One service process with stores of its own, and all that watches it: Prometheus with the generated rules,
 * Alertmanager, the exporters, and a receiver of what Alertmanager sends. Each server is a process that may be
 * stopped, killed, paused and started again on the same port; all of them end with this one, however that ends.
 *
 * Traffic does not run until `traffic.start()`.
 */
export class ObservedService implements AsyncDisposable {
  /** `kill()`, `restart()`, `stop()`; `url` leads to it past the service */
  readonly postgres: PostgresServer;
  /** `kill()`, `restart({ data })`, `pause()`, `resume()`; `url` leads to it past the service */
  readonly redis: RedisServer;
  /** `kill()`, `restart()`, `pause()`, `resume()`; its log is `server.log` in its `directory` */
  readonly service: NodeProgram<ServicePort>;
  readonly redisExporter: RedisExporter;
  readonly postgresExporter: PostgresExporter;
  readonly alertmanager: AlertmanagerServer;
  readonly prometheus: PrometheusServer;
  /** `received` is every notification so far */
  readonly notifications: NotificationReceiver;
  /** `start()` and `stop()` */
  readonly traffic: Traffic;
  /** for what the helpers below do not ask: ranges, rules, values of labels */
  readonly api: PrometheusApi;
  /** signs the tokens that the service takes */
  readonly secret: string;
  /** of every scope */
  readonly token: string;
  readonly #opened: AsyncDisposableStack;

  constructor(parts: Parts, opened: AsyncDisposableStack) {
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.service = parts.service;
    this.redisExporter = parts.redisExporter;
    this.postgresExporter = parts.postgresExporter;
    this.notifications = parts.notifications;
    this.alertmanager = parts.alertmanager;
    this.prometheus = parts.prometheus;
    this.traffic = parts.traffic;
    this.secret = parts.secret;
    this.token = parts.token;
    this.api = new PrometheusApi(parts.prometheus.url);
    this.#opened = opened;
  }

  /** Where everything answers; the same after a restart. */
  get urls(): ObservedUrls {
    const metricsUrl = local(this.service.portOf('metrics'));
    return {
      trpc: trpcUrlOf(this.service),
      metrics: `${metricsUrl}/metrics`,
      health: `${metricsUrl}/health/ready`,
      prometheus: this.prometheus.url,
      alertmanager: this.alertmanager.url,
      redisExporter: this.redisExporter.url,
      postgresExporter: this.postgresExporter.url,
    };
  }

  /** What a PromQL expression says now. Throws where Prometheus refuses it. */
  async query(expr: string): Promise<QueryResult> {
    return this.api.query(expr);
  }

  /** The alerts that fire in Prometheus now, `Watchdog` among them; those that are pending are left out. */
  async alerts(): Promise<ActiveAlert[]> {
    return (await this.api.alerts()).filter(({ state }) => state === 'firing');
  }

  /** What Prometheus scrapes, and how the last scrape went. */
  async targets(): Promise<Target[]> {
    return this.api.targets();
  }

  /** Closes everything in the reverse order of opening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/**
 * Opens all of it; resolves when the service reports ready and the others answer. Prometheus has not scraped
 * anything by then: wait for that with `targets()`. Throws DirectoryHeldError where another process uses the
 * directory, and ServerStartError, with what it printed, where a server or the service does not start.
 */
export async function openObservedService(
  options: ObservedServiceOptions = {},
): Promise<ObservedService> {
  await using opening = new AsyncDisposableStack();
  const { ports = {}, signal } = options;
  const redis = opening.use(
    await RedisServer.start({
      ...placeOf(options, 'redis'),
      ...(options.redisArguments && { arguments: options.redisArguments }),
    }),
  );
  signal?.throwIfAborted();
  const postgres = opening.use(
    await PostgresServer.start({
      ...placeOf(options, 'postgres'),
      ...(options.postgresArguments && { arguments: options.postgresArguments }),
    }),
  );
  signal?.throwIfAborted();
  if (options.demoCatalogue === true) await prepareDatabase(postgres.url);
  signal?.throwIfAborted();
  const credentials = await openCredentials(options.directory);
  const stores = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const service = opening.use(await startService(options, stores, credentials.secret));
  signal?.throwIfAborted();
  const notifications = opening.use(
    await NotificationReceiver.open({ port: ports.notifications, tell: options.notified }),
  );
  const watchers = await startWatchers(opening, options, {
    redis,
    postgres,
    service,
    notifications,
  });
  const traffic = opening.use(
    new Traffic({
      trpcUrl: trpcUrlOf(service),
      secret: credentials.secret,
      roundMs: options.trafficRoundMs,
      ...placeOf(options, 'traffic'),
    }),
  );
  const parts = { postgres, redis, service, notifications, traffic, ...watchers, ...credentials };
  return new ObservedService(parts, opening.move());
}

type Watched = Pick<Parts, 'redis' | 'postgres' | 'service' | 'notifications'>;
type Watchers = Pick<Parts, 'redisExporter' | 'postgresExporter' | 'alertmanager' | 'prometheus'>;

async function startWatchers(
  opening: AsyncDisposableStack,
  options: ObservedServiceOptions,
  { redis, postgres, service, notifications }: Watched,
): Promise<Watchers> {
  const { durationScale = 1, ports = {} } = options;
  const settings = { ...defaultSettings, durationScale, webhookUrl: notifications.url };
  const files = generatedFiles(settings);
  const redisExporter = opening.use(
    await RedisExporter.start({ redisUrl: redis.url, port: ports.redisExporter }),
  );
  const replicaTargets = options.redisReplica === true ? [await startReplica(opening, redis)] : [];
  const postgresExporter = opening.use(
    await PostgresExporter.start({
      databaseUrl: postgres.url,
      port: ports.postgresExporter,
      queries: textOf(files, 'postgres-queries.yml'),
    }),
  );
  const alertmanager = opening.use(
    await AlertmanagerServer.start({
      config: textOf(files, 'alertmanager.yml'),
      port: ports.alertmanager,
      ...placeOf(options, 'alertmanager'),
    }),
  );
  const targets = {
    throughline: [addressOf(service.portOf('metrics'))],
    redis: [addressOf(redisExporter.port), ...replicaTargets],
    postgres: [addressOf(postgresExporter.port)],
    alertmanager: [addressOf(alertmanager.port)],
  };
  const prometheus = opening.use(
    await PrometheusServer.start({
      config: (address) =>
        textOf(
          generatedFiles({ ...settings, targets: { ...targets, prometheus: [address] } }),
          'prometheus.yml',
        ),
      files,
      port: ports.prometheus,
      past: options.healthyPast === true ? healthyPast(durationScale, Date.now()) : undefined,
      arguments: [
        '--storage.tsdb.retention.time=31d', // what the budgets of thirty days need
        `--rules.alert.resend-delay=${createDurations(durationScale).text('1m')}`,
      ],
      ...placeOf(options, 'prometheus'),
    }),
  );
  return { redisExporter, postgresExporter, alertmanager, prometheus };
}

async function startReplica(opening: AsyncDisposableStack, primary: RedisServer): Promise<string> {
  const ofPrimary = ['--replicaof', '127.0.0.1', String(primary.port)];
  const replica = opening.use(await RedisServer.start({ arguments: ofPrimary }));
  const exporter = opening.use(await RedisExporter.start({ redisUrl: replica.url }));
  return addressOf(exporter.port);
}

async function startService(
  options: ObservedServiceOptions,
  stores: Readonly<Record<string, string>>,
  secret: string,
): Promise<NodeProgram<ServicePort>> {
  return NodeProgram.start({
    noun: 'service',
    file: path.resolve(import.meta.dirname, '../../server/src/main.ts'),
    ports: new Map([
      ['trpc', options.ports?.trpc],
      ['metrics', options.ports?.metrics],
    ]),
    environment: (portOf) => ({
      ...stores,
      AUTH_JWT_SECRET: secret,
      HOST: '127.0.0.1',
      PORT: String(portOf('trpc')),
      METRICS_PORT: String(portOf('metrics')),
      SHUTDOWN_NOTICE_MS: '0',
      ...options.environment,
    }),
    readyText: '"msg":"ready"',
    ...placeOf(options, 'service'),
  });
}

async function openCredentials(directory: string | undefined) {
  if (directory !== undefined) return openDemoToken(directory);
  const secret = randomBytes(32).toString('hex');
  return { secret, token: await signDemoToken(secret) };
}

/** The part of a server, if anything is kept. */
function placeOf({ directory }: ObservedServiceOptions, name: string) {
  return directory === undefined ? {} : { directory: path.join(directory, name) };
}

function textOf(files: Readonly<Record<string, string>>, name: string): string {
  const text = files[name];
  if (text === undefined) throw new Error(`No file ${name} is generated.`);
  return text;
}

function trpcUrlOf(service: NodeProgram<ServicePort>): string {
  return `${local(service.portOf('trpc'))}/trpc`;
}

function local(port: number): string {
  return `http://${addressOf(port)}`;
}

function addressOf(port: number): string {
  return `127.0.0.1:${String(port)}`;
}
