import { createMetrics, type Logger, runningTracing, silentSources } from '@throughline/telemetry';
import { buildOf } from './build.ts';
import { connectionsMaxOf } from './connections-max.ts';
import type { Config } from './config.ts';
import { Dealer } from './dealer.ts';
import { openOperations } from './open-operations.ts';
import { trpcPath } from './refuse-request.ts';
import { aborted } from './shutdown.ts';
import { WorkerPool } from './worker-pool.ts';
import { workerSources } from './worker-sources.ts';

export interface Supervision {
  readonly config: Config;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs the workers until the signal, and answers for them on the port of metrics and health. Touches no store itself.
 * SIGHUP replaces the workers one after another. Rejects if workers keep ending before they are ready.
 */
export async function supervise({ config, logger, signal }: Supervision): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const tracing = runningTracing();
  opened.defer(async () => tracing?.stop());
  const connectionsMax = connectionsMaxOf(config) * config.workers;
  logger.info({ workers: config.workers, connectionsMax }, 'several workers serve');

  const dealer = new Dealer();
  const pool = new WorkerPool({ size: config.workers, logger, dealer });
  const own = createMetrics({
    sources: {
      ...silentSources,
      ...workerSources(
        () => pool.counts,
        () => dealer.counts,
      ),
    },
    build: buildOf(config),
    lastScrape: () => pool.lastScrape,
  });
  opened.use(
    await openOperations({
      config,
      logger,
      metrics: { expose: async () => pool.expose(await own.snapshot()) },
      readiness: pool,
    }),
  );
  // Disposed of before the port of health is closed, so that whoever watches sees the workers stop.
  opened.use(pool);
  const { host, port, tls } = config;
  const url = await dealer.open({ host, port, isTls: tls !== undefined });
  opened.use(dealer);
  logger.info({ url: `${url}${trpcPath}` }, 'tRPC is served');
  const onHangUp = () => void pool.roll();
  process.on('SIGHUP', onHangUp);
  opened.defer(async () => void process.off('SIGHUP', onHangUp));

  const stopped = aborted(signal);
  const started = pool.start().then(() => logger.info('all workers are ready'));
  await Promise.race([stopped, pool.failed, started.then(async () => stopped)]);
  await pool.leave(config.noticeMs);
}
