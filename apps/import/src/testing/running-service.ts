import { createClient } from '@throughline/client';
import { signDemoToken } from '@throughline/demo';
import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  type SpawnedNode,
  spawnNode,
} from '@throughline/local-stack/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { categories } from './generated-file.ts';

const secret = 'a secret of tests, long enough for HS256';
const program = path.resolve(import.meta.dirname, '../start.ts');
const server = path.resolve(import.meta.dirname, '../../../server/src/main.ts');

export interface RunningService extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly databaseUrl: string;
}

/** A service on a database and key names of its own, with the categories of a generated file. */
export async function startService(): Promise<RunningService> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createTestDatabase());
  const process = starting.use(
    spawnNode(server, {
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: localStack().redisUrl,
        CACHE_NAMESPACE: redisKeyPrefix(),
        AUTH_JWT_SECRET: secret,
        PORT: '0',
        METRICS_PORT: '0',
        SHUTDOWN_NOTICE_MS: '0',
      },
    }),
  );
  const [, url = ''] = await process.waitForLine(/"url":"([^"]*\/trpc)"/);
  await process.waitForLine(/"msg":"ready"/);
  const token = await signDemoToken(secret);
  const client = createClient({ url, token });
  for (const slug of categories) await client.category.create.mutate({ name: slug, slug });
  const started = starting.move();
  return {
    url,
    token,
    databaseUrl: database.url,
    [Symbol.asyncDispose]: async () => started.disposeAsync(),
  };
}

export async function scratchDirectory() {
  const directory = await mkdtemp(path.join(tmpdir(), 'throughline-import-'));
  return {
    path: directory,
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true, force: true }),
  };
}

/** Says at its end how much memory it took at most; its heap may not grow beyond this. */
export function runImport(
  file: string,
  { url, token }: Pick<RunningService, 'url' | 'token'>,
  args: readonly string[] = [],
): SpawnedNode {
  const telling = `process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))`;
  return spawnNode(program, {
    nodeArgs: ['--max-old-space-size=128', '--import', `data:text/javascript,${telling}`],
    args: [file, '--url', url, ...args],
    env: { TOKEN: token },
  });
}

/** What its summary says. */
export function countsOf(said: string): Record<string, number> {
  const counts = said.matchAll(/^ {2}(created|updated|unchanged|rejected) +([\d,]+)$/gm);
  return Object.fromEntries(
    [...counts].map(([, name = '', count = '']) => [name, Number(count.replaceAll(',', ''))]),
  );
}
