import {
  createTestDatabase,
  localStack,
  redisKeyPrefix,
  spawnNode,
} from '@throughline/local-stack/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readComposeFile } from './testing/compose-file.ts';
import { buildStages } from './testing/dockerfile.ts';

test(
  'the steps of the Dockerfile end in a server that starts as docker-compose.yml starts it, and in traffic that it answers',
  { timeout: 300_000 },
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'throughline-image-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const stages = await buildStages(directory);
    const { services } = await readComposeFile();

    await using database = await createTestDatabase();
    await using server = start(stages.get('server'), {
      ...services['server']?.environment,
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
      HOST: '127.0.0.1',
      PORT: '0',
      METRICS_PORT: '0',
    });
    await server.waitForLine(/"msg":"ready"/, 60_000);
    const [, url = ''] = await server.waitForLine(/"url":"([^"]+\/trpc)"/);
    const [, health = ''] = await server.waitForLine(/"url":"([^"]+\/health\/ready)"/);
    expect((await fetch(health)).status).toBe(200);
    expect(await (await fetch(new URL('/', url))).text()).toContain('<div id="root">');

    const environment = { ...services['traffic']?.environment, URL: url };
    await using traffic = start(stages.get('traffic'), environment);
    await traffic.waitForLine(/^Made \d+ products at /, 60_000);
    const metrics = health.replace('/health/ready', '/metrics');
    await expect
      .poll(async () => (await fetch(metrics)).text(), { timeout: 30_000 })
      .toMatch(/product_read_duration_seconds_count\{[^}]*operation="byIds"/);
  },
);

function start(
  stage: { app: string; command: readonly string[] } | undefined,
  env: Record<string, string>,
) {
  const [program, ...words] = stage?.command ?? [];
  expect(program).toBe('node');
  const [nodeArgs, file = ''] = [words.slice(0, -1), words.at(-1)];
  const { app: cwd = '' } = stage ?? {};
  return spawnNode(path.join(cwd, file), { nodeArgs, env, cwd });
}
