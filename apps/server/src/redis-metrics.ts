import type { Metrics } from '@throughline/telemetry';
import type { RedisEntryStoreOptions } from '@throughline/write-through/redis';
import { channel } from 'node:diagnostics_channel';

/** Those that the cache sends all the time; the others try out once for each connection what a user may do. */
const commands = ['MGET', 'EVALSHA', 'INFO', 'CLUSTER', 'SENTINEL'] as const;

/**
 * Observes every command that the cache sends. Not by the channel for commands that `redis` has: while that has a
 * subscriber, every argument of a script is made a string and every command is traced, which took 5 µs of a hit's CPU and
 * this takes 1.5 (two shared cores of a virtual machine, November 2026; it says nothing of other machines).
 */
export function observeCommands(
  metrics: Pick<Metrics, 'histogram'>,
): NonNullable<RedisEntryStoreOptions['onCommand']> {
  const durationsOf = (command: (typeof commands)[number] | 'OTHER') => {
    const ended = (outcome: 'ok' | 'error') =>
      metrics.histogram('redis_client_command_duration_seconds', { command, outcome });
    return { ok: ended('ok'), error: ended('error') };
  };
  const others = durationsOf('OTHER');
  const durations = new Map<string, typeof others>(
    commands.map((command) => [command, durationsOf(command)]),
  );
  return (name, tookMs, outcome) => {
    (durations.get(name) ?? others)[outcome](tookMs / 1000);
  };
}

/** Counts the reconnects of every client of `redis`, until disposed of. */
export function countReconnects(metrics: Pick<Metrics, 'counter'>): Disposable {
  const connected = channel('node-redis:connection:ready');
  const known = new Set<unknown>();
  const count = metrics.counter('redis_client_reconnects_total', {});
  const onConnect = (message: unknown) => {
    const client = clientOf(message);
    if (known.has(client)) count();
    known.add(client);
  };
  connected.subscribe(onConnect);
  return {
    [Symbol.dispose]: () => {
      connected.unsubscribe(onConnect);
    },
  };
}

function clientOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'clientId' in message
    ? message.clientId
    : undefined;
}
