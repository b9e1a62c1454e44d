import { createAppRouter } from '@throughline/api';
import { consoleDirectory } from '@throughline/console';
import {
  createDurationInstrument,
  createLogger,
  createMetrics,
  currentRequestScope,
  currentSpanReference,
  isTraced,
  type Logger,
  type Metrics,
  runningTracing,
} from '@throughline/telemetry';
import type { Instrument } from '@throughline/write-through';
import type { RequestListener } from 'node:http';
import { buildOf } from './build.ts';
import { CallMetrics } from './call-metrics.ts';
import { CacheSpans } from './cache-spans.ts';
import { cacheSuccess } from './cache-success.ts';
import { openCatalogue, type Catalogue, type OpenCatalogue } from './catalogue.ts';
import { ConsolePages, type Pages } from './console-pages.ts';
import { composeInstruments } from './compose-instruments.ts';
import { loadConfig, type Config } from './config.ts';
import {
  type HttpEndpoint,
  type HttpOptions,
  openHttpEndpoint,
  openPortlessEndpoint,
} from './http-endpoint.ts';
import { createChangeLog } from './log-changes.ts';
import { observeKeySet } from './observe-key-set.ts';
import { openOperations } from './open-operations.ts';
import { countReconnects } from './redis-metrics.ts';
import { processStatus } from './process-status.ts';
import { PublicHeaders } from './public-headers.ts';
import { openRateLimits, type RateLimits } from './rate-limits.ts';
import { Readiness } from './readiness.ts';
import { RefusalLog } from './refusal-log.ts';
import { trpcPath } from './refuse-request.ts';
import { reloadOnHangUp } from './reload-on-hang-up.ts';
import { addCacheTime, addDatabaseTime } from './request-timing.ts';
import { serviceSources, type Watched } from './service-sources.ts';
import { aborted, listenForShutdown } from './shutdown.ts';
import { supervise } from './supervise.ts';
import { exitWithSupervisor, ownWorkerNumber, SupervisorLink } from './supervisor-link.ts';
import { TlsContext } from './tls-context.ts';
import { createTokenVerifier } from './token-verifier.ts';
import { createTrpcListener, type TrpcListenerOptions } from './trpc-listener.ts';

/** How a process is put together; configured by nobody, as there is one right answer in production. */
export interface Assembly {
  /** `none`: no call, read or write is observed, so that the bench can tell what observing costs. */
  readonly telemetry: 'full' | 'none';
}

/** One service process, or the supervisor of several, from its configuration to its exit code. */
export async function main(
  open: OpenCatalogue,
  assembly: Assembly = { telemetry: 'full' },
): Promise<void> {
  const config = loadConfig();
  const worker = ownWorkerNumber();
  if (worker !== undefined) exitWithSupervisor();
  const logger = createLogger({
    level: config.logLevel,
    fields: worker === undefined ? undefined : { worker },
  });
  const die = (err: unknown) => {
    logger.fatal({ err }, 'the process cannot go on');
    process.exit(1);
  };
  // What nobody handled leaves the process in a state that nobody foresaw; its supervisor starts a new one.
  process.on('unhandledRejection', die);
  process.on('uncaughtException', die);
  const signal = listenForShutdown({ logger, source: process, exit: (code) => process.exit(code) });
  try {
    if (config.workers > 1 && worker === undefined) await supervise({ config, logger, signal });
    else await serve({ config, logger, signal, worker, assembly }, open);
  } catch (err) {
    if (!signal.aborted || err !== signal.reason) die(err);
  }
  logger.info('stopped');
  process.exit(0);
}

interface Process {
  readonly config: Config;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Its number among several; undefined of a process that serves alone. */
  readonly worker: number | undefined;
  readonly assembly: Assembly;
}

/**
 * Opens everything, waits for the signal, and closes in the reverse order: requests end before the stores
 * go, and whoever watches can see the process stop until the last moment.
 */
async function serve(process: Process, open: OpenCatalogue): Promise<void> {
  const { config, logger, signal, worker, assembly } = process;
  await using opened = new AsyncDisposableStack();
  const tracing = runningTracing();
  // Closed last, so that what happens while the rest is closed is still seen.
  opened.defer(async () => tracing?.stop());
  tracing?.onProblem((problem) => logger.warn({ problem }, 'spans may be lost'));
  warnOfSettings(process);
  const watched: Watched = {};
  const metrics = createMetrics({
    sources: serviceSources(watched),
    build: buildOf(config),
    ...(tracing && { currentSpan: currentSpanReference }),
  });
  const spans = tracing && new CacheSpans();
  opened.use(countReconnects(metrics));
  const readiness = new Readiness();
  const link = worker === undefined ? undefined : new SupervisorLink({ metrics, readiness });
  if (link === undefined) opened.use(await openOperations({ metrics, readiness, logger, config }));
  else opened.use(link);

  const catalogue = opened.use(
    await open({
      config: workerConfig(config, worker),
      logger,
      ...(assembly.telemetry === 'full'
        ? { instrument: instrumentOf(metrics, logger, spans), metrics }
        : { instrument: createChangeLog(logger) }),
      spans,
      timing: { addCacheTime, addDatabaseTime, running: currentRequestScope },
      signal,
    }),
  );
  watched.catalogue = catalogue;
  // It is waited for below; should it fail while the port is opened, it has not failed unnoticed.
  catalogue.ready.catch(() => {});
  const tls = config.tls && new TlsContext(config.tls);
  const rates = openRateLimits(config, logger);
  if (rates) opened.use(rates);
  const refusals = opened.use(new RefusalLog(logger));
  const listener = trpcListenerOf({
    config,
    logger,
    refusals,
    metrics,
    watched,
    catalogue,
    assembly,
    rates,
    worker,
    pages: await ConsolePages.load(consoleDirectory),
  });
  const onRefused = () => {
    metrics.count('http_rejected_total', { reason: 'connections' });
    refusals.note('TOO_MANY_CONNECTIONS');
  };
  const http = { listener, tls, onRefused };
  const served = link && opened.use(openPortlessEndpoint(http));
  const endpoint = link ? undefined : await openPort(opened, process, http);

  await Promise.race([catalogue.ready, aborted(signal)]);
  const wasReady = !signal.aborted;
  if (wasReady) {
    readiness.serve(() => catalogue.ping());
    logger.info('ready');
    if (served !== undefined) link?.ready(served);
  }
  await aborted(signal);
  readiness.stop();
  link?.leave();
  // Of several workers, the supervisor gives notice.
  if (wasReady) await endpoint?.leave(config.noticeMs);
  catalogue.endSubscriptions();
}

/** The port of a process that serves alone. */
async function openPort(
  opened: AsyncDisposableStack,
  { config: { host, port }, logger }: Process,
  options: HttpOptions,
): Promise<HttpEndpoint> {
  const endpoint = opened.use(await openHttpEndpoint({ ...options, host, port }));
  // Several workers are replaced one after another at that signal, and their successors read the files.
  if (options.tls) opened.use(reloadOnHangUp(options.tls, logger));
  logger.info({ url: `${endpoint.url}${trpcPath}` }, 'tRPC is served');
  return endpoint;
}

/** All fill one cache, so one of them warms it. */
function workerConfig(config: Config, worker = 1): Config {
  return worker === 1 ? config : { ...config, cache: { ...config.cache, warmCount: 0 } };
}

/** A read waits for no layer that has nothing to tell of it. */
function instrumentOf(metrics: Metrics, logger: Logger, spans: CacheSpans | undefined): Instrument {
  const durations = createDurationInstrument({ metrics, classifier: cacheSuccess });
  const writes = composeInstruments(durations, createChangeLog(logger));
  const told: Instrument = (operation, run) =>
    operation.kind === 'read' ? durations(operation, run) : writes(operation, run);
  if (spans === undefined) return told;
  // Outermost, so that exemplars and log lines name the span of the operation.
  const spanned = composeInstruments(spans.instrument, told);
  return (operation, run) => (isTraced() ? spanned : told)(operation, run);
}

interface TrpcOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly refusals: RefusalLog;
  readonly metrics: Metrics;
  readonly watched: Watched;
  readonly catalogue: Catalogue;
  readonly assembly: Assembly;
  readonly rates: RateLimits | undefined;
  readonly worker: number | undefined;
  readonly pages: Pages;
}

function trpcListenerOf({
  config,
  logger,
  refusals,
  metrics,
  watched,
  catalogue,
  assembly,
  rates,
  worker,
  pages,
}: TrpcOptions): RequestListener {
  const router = createAppRouter({
    products: catalogue.products,
    admin: catalogue.admin,
    status: () => processStatus({ catalogue, metrics, worker }),
  });
  const calls = new CallMetrics(metrics, router);
  watched.calls = calls;
  const { publicReads } = config.auth;
  const observer = observeKeySet(metrics, logger);
  const verifyToken = createTokenVerifier(config.auth, { observer });
  return createTrpcListener({
    router,
    verifyToken,
    publicReads,
    publicHeaders: new PublicHeaders({
      corsOrigins: config.corsOrigins,
      isTls: config.tls !== undefined,
    }),
    logger,
    refusals,
    calls: assembly.telemetry === 'full' ? calls : uncounted,
    rates,
    pages,
    traced: runningTracing() !== undefined,
  });
}

const uncounted: TrpcListenerOptions['calls'] = {
  measure: async (_, run) => run(),
  accepted: () => {},
  rejected: () => {},
  failed: () => {},
};

/** Of several workers, the first speaks for all. */
function warnOfSettings({ config: { auth, asksForSpans }, logger, worker = 1 }: Process): void {
  if (worker > 1) return;
  if (auth.keys.kind === 'none') {
    logger.warn('no key to verify tokens with is configured: every write is refused');
  }
  if (asksForSpans && runningTracing() === undefined) {
    logger.warn(
      'OTEL_* asks for spans, and there are none: start with --import, see docs/tracing.md',
    );
  }
}

if (import.meta.main) await main(openCatalogue);
