import { DirectoryHeldError, keptDataDirectory } from '@throughline/local-stack';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Notification } from './notification-receiver.ts';
import { type ObservedService, openObservedService } from './observed-service.ts';
import { PortsTakenError, refuseTakenPorts, usualPorts } from './usual-ports.ts';

const usage =
  'npm run observe -- [--ports usual|free] [--directory .local/observe] [--duration-scale 1] [--round-ms 250]';

const argumentsSchema = z.object({
  ports: z.enum(['usual', 'free']).default('usual'),
  directory: z
    .string()
    .transform((directory) => path.resolve(directory))
    .default(path.join(path.dirname(keptDataDirectory), 'observe')),
  'duration-scale': z.coerce.number().positive().max(1).default(1),
  'round-ms': z.coerce.number().int().positive().default(250),
});

const stopping = new AbortController();

/**
 * `npm run observe`: the service with stores of its own, gentle traffic, and all that watches it. Everything is kept
 * in `.local/observe/`; Ctrl-C stops it gently, and so does the end of its terminal.
 */
async function main(): Promise<void> {
  const asked = readArguments();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stopping.abort());
  // A terminal that is gone takes nothing any more, and may have told us so in no other way.
  process.stdout.on('error', () => stopping.abort());
  const { signal } = stopping;

  if (asked.ports === 'usual') await refuseTakenPorts(usualPorts);
  say('Starting PostgreSQL, Redis, the service, and what watches them.');
  say('The first start may fetch Redis, Prometheus and the exporters, which takes a minute.');
  await using observed = await openObservedService({
    directory: asked.directory,
    durationScale: asked['duration-scale'],
    ...(asked.ports === 'usual' && { ports: usualPorts }),
    demoCatalogue: true,
    redisReplica: true,
    trafficRoundMs: asked['round-ms'],
    notified: tell,
    signal,
  }).catch((err: unknown) => {
    // A terminal tells its end to all that run in it: what was just being started fails of it.
    signal.throwIfAborted();
    throw err;
  });
  await observed.traffic.start();
  say(startText(observed, asked.directory));
  if (!signal.aborted) await once(signal, 'abort');
  say('Stopping.');
}

function startText({ urls, postgres, redis, token }: ObservedService, directory: string): string {
  return `
Throughline is watched.

  tRPC           ${urls.trpc}
  metrics        ${urls.metrics}
  health         ${urls.health}
  Prometheus     ${urls.prometheus}
  Alertmanager   ${urls.alertmanager}
  exporters      ${urls.redisExporter}/metrics
                 ${urls.postgresExporter}/metrics
  PostgreSQL     ${postgres.url}
  Redis          ${redis.url}
  data and logs  ${path.relative(process.cwd(), directory)}
  token          ${token}

Alertmanager's notifications are printed here. Within a minute, all targets are up at ${urls.prometheus}/targets.
Grafana comes with docker compose alone. One of your own needs ${urls.prometheus} as its data source, and grafana/dashboards/.
Stop: Ctrl-C`;
}

/** The watchdog's are left out: they come every minute as long as all is well. */
function tell({ receiver, alerts }: Notification): void {
  if (receiver === 'watchdog') return;
  for (const { status, labels, annotations } of alerts) {
    const name = labels['alertname'] ?? '';
    say(`${receiver.padEnd(6)} ${status.padEnd(8)} ${name}: ${annotations['summary'] ?? ''}`);
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        ports: { type: 'string' },
        directory: { type: 'string' },
        'duration-scale': { type: 'string' },
        'round-ms': { type: 'string' },
      },
    });
    return argumentsSchema.parse(values);
  } catch (err) {
    const problem = err instanceof z.ZodError ? z.prettifyError(err) : String(err);
    process.stderr.write(`${problem}\nUsage: ${usage}\n`);
    process.exit(2);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (err) {
  const { signal } = stopping;
  if (signal.aborted && err === signal.reason) {
    say('Stopped.');
  } else if (err instanceof DirectoryHeldError || err instanceof PortsTakenError) {
    say(err.message);
    process.exitCode = 1;
  } else {
    throw err;
  }
}
