import type { RedisServer } from '@throughline/local-stack';
import { createClient } from 'redis';
import type { Fault } from './fault.ts';
import type { Random } from './random.ts';

/** The Redis of a run, however it is run. */
export interface Store extends AsyncDisposable {
  /** The variables with which a service process finds it, by the number of the process. */
  environment(index: number): Readonly<Record<string, string>>;
  /** Those that take writes now. */
  primaries(): Promise<readonly RedisServer[]>;
  /** All of it runs and can be reached again. */
  heal(): Promise<void>;
}

export interface StoreOptions {
  readonly random: Random;
  /** How many service processes there will be. */
  readonly servers: number;
}

/** A way to run Redis, and what can happen to it. */
export interface Setting<S extends Store> {
  readonly open: (options: StoreOptions) => Promise<S>;
  /** By name. */
  readonly faults: Readonly<Record<string, Fault<S>>>;
}

/** Runs commands at a Redis as its administrator, past every proxy. */
export async function atRedis<Result>(
  { url }: Pick<RedisServer, 'url'>,
  run: (client: Awaited<ReturnType<typeof adminOf>>) => Promise<Result>,
): Promise<Result> {
  const client = await adminOf(url);
  try {
    return await run(client);
  } finally {
    client.destroy();
  }
}

/** `NO ONE` makes it a primary. */
export async function replicate(
  server: Pick<RedisServer, 'url'>,
  ...primary: readonly [host: string, port: string]
): Promise<void> {
  await atRedis(server, async (client) => client.sendCommand(['REPLICAOF', ...primary]));
}

async function adminOf(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
  client.on('error', () => undefined);
  return client.connect();
}
