import { createClient, type ThroughlineClient } from '@throughline/client';
import { prepareDatabase, signDemoToken } from '@throughline/demo';
import { type RedisServer, SpanSink } from '@throughline/local-stack';
import {
  createTestDatabase,
  spawnNode,
  type SpawnedNode,
  startTestRedis,
} from '@throughline/local-stack/testing';
import path from 'node:path';

/** A service process with the demo catalogue, as `npm start` has it, with stores of its own. */
export interface ConsoleService extends AsyncDisposable {
  /** Where the console is, without a token. */
  readonly url: string;
  readonly token: string;
  /** Somebody else, who has every right. */
  readonly client: ThroughlineClient;
  readonly redis: RedisServer;
  /** Kills the process. */
  kill(): Promise<void>;
  /** Starts another one at the same address. */
  restart(): Promise<void>;
}

export async function startConsoleService(): Promise<ConsoleService> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase({ name: 'demo', prepare: prepareDatabase }));
  const [redis, spans] = await Promise.all([startTestRedis(), SpanSink.start()]);
  opened.use(redis);
  opened.use(spans);
  const token = await signDemoToken(secret);
  const environment = {
    ...spans.environment,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    AUTH_JWT_SECRET: secret,
    METRICS_PORT: '0',
    SHUTDOWN_NOTICE_MS: '0',
  };
  const running = { service: await startService({ ...environment, PORT: '0' }) };
  opened.defer(async () => running.service.process[Symbol.asyncDispose]());
  const { url } = running.service;
  const parts = opened.move();
  return {
    url,
    token,
    redis,
    client: createClient({ url: `${url}/trpc`, token }),
    kill: async () => running.service.process[Symbol.asyncDispose](),
    restart: async () => {
      running.service = await startService({ ...environment, PORT: new URL(url).port });
    },
    [Symbol.asyncDispose]: async () => parts.disposeAsync(),
  };
}

const secret = 'of the browser tests of the console';
const server = path.resolve(import.meta.dirname, '../../../server');

async function startService(
  env: Record<string, string>,
): Promise<{ process: SpawnedNode; url: string }> {
  const process = spawnNode(path.join(server, 'src/main.ts'), {
    nodeArgs: ['--import', '@throughline/telemetry/start-tracing'],
    // From where --import finds what the service has installed.
    cwd: server,
    env,
  });
  const [, url = ''] = await process.waitForLine(/"url":"([^"]+)\/trpc"/, startMs);
  await process.waitForLine(/"msg":"ready"/, startMs);
  return { process, url };
}

/** With both cores of the machine busy. */
const startMs = 60_000;
