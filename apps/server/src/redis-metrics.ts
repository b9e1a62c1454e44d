import type { Metrics } from '@throughline/telemetry';
import { channel, tracingChannel } from 'node:diagnostics_channel';

/** Those that the cache sends, and its client by itself. */
const commands: ReadonlySet<string> = new Set([
  'MGET',
  'EVALSHA',
  'EVAL',
  'INFO',
  'PING',
  'HELLO',
  'AUTH',
  'CLIENT',
  'SELECT',
  'CLUSTER',
  'SENTINEL',
]);

/** Observes every command that a client of `redis` sends, and counts its reconnects, until disposed of. */
export function observeRedis(metrics: Pick<Metrics, 'observe' | 'counter'>): Disposable {
  const sending = new WeakMap<object, number>();
  const sent = tracingChannel<object, object>('node-redis:command');
  const subscribers = {
    start: (message: object) => void sending.set(message, performance.now()),
    asyncEnd: (message: object) => {
      const beganMs = sending.get(message);
      if (beganMs === undefined) return;
      const labels = {
        command: commandOf(message),
        outcome: 'error' in message && message.error !== undefined ? 'error' : 'ok',
      } as const;
      const seconds = (performance.now() - beganMs) / 1000;
      metrics.observe('redis_client_command_duration_seconds', labels, seconds);
    },
    end: ignore,
    asyncStart: ignore,
    error: ignore,
  };
  const connected = channel('node-redis:connection:ready');
  const known = new Set<unknown>();
  const countReconnect = metrics.counter('redis_client_reconnects_total', {});
  const onConnect = (message: unknown) => {
    const client = clientOf(message);
    if (known.has(client)) countReconnect();
    known.add(client);
  };
  sent.subscribe(subscribers);
  connected.subscribe(onConnect);
  return {
    [Symbol.dispose]: () => {
      sent.unsubscribe(subscribers);
      connected.unsubscribe(onConnect);
    },
  };
}

function commandOf(message: object): string {
  const name = 'command' in message ? String(message.command).toUpperCase() : '';
  return commands.has(name) ? name : 'OTHER';
}

function clientOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'clientId' in message
    ? message.clientId
    : undefined;
}

function ignore(): void {}
