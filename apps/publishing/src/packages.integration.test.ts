import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  spawnNode,
  type SpawnedNode,
  startTestRedis,
} from '@throughline/local-stack/testing';
import { SignJWT } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemsOf } from './check-package.ts';
import { type PackedPackage, packPackages } from './pack-package.ts';
import { root } from './published-package.ts';
import { type ConsumerProject, openConsumerProject } from './testing/consumer-project.ts';
import { readmeCode } from './testing/readme-code.ts';
import { routerDifferences } from './testing/router-differences.ts';

const opened = new AsyncDisposableStack();
let packages: PackedPackage[];
let project: ConsumerProject;

beforeAll(async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'packages-'));
  opened.defer(async () => rm(directory, { recursive: true, force: true }));
  packages = await packPackages(directory);
  project = opened.use(await openConsumerProject(packages));
  const [accounts = '', balance = ''] = await readmeCode('write-through');
  const [serveRouter = ''] = await readmeCode('http-adapter');
  const [exposeMetrics = ''] = await readmeCode('telemetry');
  const [client = ''] = await readmeCode('client');
  const programs = {
    accounts,
    'account-balance': balance,
    'serve-router': serveRouter,
    'expose-metrics': exposeMetrics,
    client,
  };
  for (const [name, code] of Object.entries(programs)) await project.write(`${name}.ts`, code);
}, 240_000);

afterAll(async () => opened.disposeAsync());

describe('packages that are published', () => {
  test('hold what they say, with types for whoever imports them, and nothing of this machine', async () => {
    expect(packages.length).toBe(4);
    for (const packed of packages) {
      expect([packed.published.manifest.name, await problemsOf(packed)]).toEqual([
        packed.published.manifest.name,
        [],
      ]);
    }
  }, 60_000);

  test('compile in a project that skips no library, with the types of every call', async () => {
    expect(await project.typeCheck()).toBe('');
  }, 120_000);

  test('tell of the router what the service says of it', async () => {
    expect(await routerDifferences(packages)).toBe('');
  }, 60_000);
});

describe('installed in an empty directory', () => {
  test('the cache keeps a balance that is read', async () => {
    await using database = await createTestDatabase();
    await using redis = await startTestRedis();
    await using run = program('account-balance', {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
    });
    expect(await printed(run)).toEqual([`{ outcome: 'hit', value: 2500 }`]);
  });

  test('its fakes and its check of histories run without stores', async () => {
    await using run = program('checked-store');
    expect(await printed(run)).toEqual(['string stale']);
  });

  test('the adapter serves a router', async () => {
    const url = await served('serve-router', '3000');
    const response = await fetch(`${url}/trpc/hello`, { headers: { 'user-agent': 'a test' } });
    expect(await response.json()).toEqual({ result: { data: 'Hello, a test!' } });
  });

  test('telemetry exposes the metrics of a table', async () => {
    const response = await fetch(await served('expose-metrics', '9464'));
    expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
    const text = await response.text();
    expect(text).toContain('orders_total{result="taken"} 1');
    expect(text).toContain('orders_total{result="refused"} 0');
    expect(text).toContain('order_duration_seconds_count 1');
  });

  test('tracing starts where the environment asks for spans', async () => {
    await project.write('traced.ts', tracedProgram);
    await using run = program('traced', { OTEL_TRACES_EXPORTER: 'console' }, [
      '--import',
      '@throughline/telemetry/start-tracing',
    ]);
    expect(await printed(run)).toContain('a span is recorded');
  });

  test('the client calls a service', async () => {
    await using service = await startService();
    await using run = program('change-price', { URL: service.url, TOKEN: service.token });
    expect(await printed(run)).toEqual(['24.90', 'VERSION_CONFLICT']);
    await useInstead('client', 'http://127.0.0.1:3000/trpc', service.url);
    await using shown = program('client', { TOKEN: service.token });
    await printed(shown);
  });
});

const tracedProgram = `
import { startServerSpan } from '@throughline/telemetry';

const { recorded } = startServerSpan({}, () => ({ name: 'a request', attributes: {} }));
console.log(recorded === undefined ? 'nothing is recorded' : 'a span is recorded');
`;

function program(
  name: string,
  env: Record<string, string> = {},
  nodeArgs: readonly string[] = [],
): SpawnedNode {
  const file = path.join(project.directory, `${name}.ts`);
  return spawnNode(file, { cwd: project.directory, env, nodeArgs });
}

/** All lines of a program that ends as it should. */
async function printed(run: SpawnedNode): Promise<readonly string[]> {
  const { code } = await run.exit;
  expect([code, ...run.stderr]).toEqual([0]);
  return run.stdout;
}

/** Runs a program of a README on a port that is free, in place of the one that it shows. */
async function served(name: string, shownPort: string): Promise<string> {
  const port = await freePort();
  await useInstead(name, shownPort, String(port));
  const run = opened.use(program(name));
  await run.waitForLine(/http:\/\//);
  return `http://127.0.0.1:${port}`;
}

/** Of what the program of a README names, another one. */
async function useInstead(name: string, shown: string, used: string): Promise<void> {
  const code = await project.read(`${name}.ts`);
  expect(code).toContain(shown);
  await project.write(`${name}.ts`, code.replaceAll(shown, used));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}

interface Service extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** One process of the service, on stores of its own. */
async function startService(): Promise<Service> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const secret = 'a secret of tests, long enough for HS256';
  const run = opening.use(
    spawnNode(path.join(root, 'apps/server/src/main.ts'), {
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: localStack().redisUrl,
        CACHE_NAMESPACE: redisKeyPrefix(),
        AUTH_JWT_SECRET: secret,
        HOST: '127.0.0.1',
        PORT: '0',
        METRICS_PORT: '0',
        SHUTDOWN_NOTICE_MS: '0',
      },
    }),
  );
  const [, url = ''] = await run.waitForLine(/"(http[^"]+\/trpc)"/);
  await run.waitForLine(/"msg":"ready"/);
  const token = await new SignJWT({ scope: 'catalog:read catalog:write' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setExpirationTime('1 hour')
    .sign(new TextEncoder().encode(secret));
  const service = opening.move();
  return { url, token, [Symbol.asyncDispose]: async () => service.disposeAsync() };
}
