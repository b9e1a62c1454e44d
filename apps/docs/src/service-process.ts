import { prepareDatabase } from '@throughline/demo';
import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  spawnNode,
} from '@throughline/local-stack/testing';
import path from 'node:path';

/** A service that whoever follows a page calls. */
export interface ServiceProcess extends AsyncDisposable {
  /** Where it serves tRPC; reads need no token. */
  readonly url: string;
  readonly databaseUrl: string;
}

/** Starts the service of this checkout, or of a copy, on a demo catalogue of its own. */
export async function startService(directory: string): Promise<ServiceProcess> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(
    await createTestDatabase({ name: 'demo', prepare: prepareDatabase }),
  );
  const program = opening.use(
    spawnNode(path.join(directory, 'apps/server/src/main.ts'), {
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: localStack().redisUrl,
        CACHE_NAMESPACE: redisKeyPrefix(),
        AUTH_PUBLIC_READS: 'true',
        PORT: '0',
        METRICS_PORT: '0',
      },
    }),
  );
  const [, url = ''] = await program.waitForLine(/"url":"(http[^"]+\/trpc)"/, 60_000);
  await program.waitForLine(/"msg":"ready"/, 60_000);
  const opened = opening.move();
  return {
    url,
    databaseUrl: database.url,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
