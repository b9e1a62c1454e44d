import { expect, test, vi } from 'vitest';
import { startChild, type ChildService } from './testing/child-service.ts';
import {
  environment,
  databaseAwayUrl,
  heldForeverId,
  heldUntilStopId,
  unhandledId,
} from './testing/main-in-memory.ts';
import { inputOf } from './testing/running-service.ts';

// Starting a process takes its time on a machine that runs every other test beside it.
vi.setConfig({ testTimeout: 30_000 });

test('the process names its URLs, becomes ready, and serves its metrics apart', async () => {
  await using child = startInMemory();
  const { metricsUrl, healthUrl, trpcUrl } = await urlsOf(child);
  await child.line('ready');
  expect((await fetch(healthUrl)).status).toBe(200);
  expect((await fetch(byIdUrl(trpcUrl, 7))).status).toBe(404);
  expect(await (await fetch(metricsUrl)).text()).toContain(
    'product_read_duration_seconds_count{operation="byId",cache_success="true"} 1',
  );
  expect((await fetch(new URL('/metrics', trpcUrl))).status).toBe(404);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets the request in flight finish, then closes the stores and exits with 0',
  async (signal) => {
    await using child = startInMemory();
    const { trpcUrl } = await urlsOf(child);
    await child.line('ready');
    const answer = fetch(byIdUrl(trpcUrl, heldUntilStopId));
    await child.line('reading');
    child.kill(signal);
    expect((await answer).status).toBe(404);
    await child.line('stopped');
    expect(await child.exited).toBe(0);
    expect(child.messages.slice(-4)).toEqual([
      'stopping',
      'refused',
      'catalogue closed',
      'stopped',
    ]);
  },
);

test('signals that go on mean impatience, and end the process before it has drained', async () => {
  await using child = startInMemory();
  const { trpcUrl } = await urlsOf(child);
  await child.line('ready');
  const cut = fetch(byIdUrl(trpcUrl, heldForeverId)).catch(() => 'cut');
  await child.line('reading');
  child.kill('SIGTERM');
  await child.line('stopping');
  const impatience = setInterval(() => child.kill('SIGTERM'), 200);
  expect(await child.exited).toBe(1);
  clearInterval(impatience);
  expect(await cut).toBe('cut');
});

test('while the process stops it is live and not ready', async () => {
  await using child = startInMemory();
  const { trpcUrl, healthUrl } = await urlsOf(child);
  await child.line('ready');
  const cut = fetch(byIdUrl(trpcUrl, heldForeverId)).catch(() => 'cut');
  await child.line('reading');
  child.kill('SIGTERM');
  await child.line('stopping');
  const response = await fetch(healthUrl);
  expect([response.status, await response.json()]).toEqual([
    503,
    { status: 'not ready', reason: 'stopping' },
  ]);
  child.kill('SIGKILL');
  expect(await cut).toBe('cut');
});

test('for as long as it was told, a process that stops goes on serving while it is not ready, and has clients hang up', async () => {
  await using child = startInMemory({ SHUTDOWN_NOTICE_MS: '1500' });
  const { trpcUrl, healthUrl } = await urlsOf(child);
  await child.line('ready');
  const askedMs = performance.now();
  child.kill('SIGTERM');
  await child.line('stopping');
  expect((await fetch(healthUrl)).status).toBe(503);
  for (const id of [7, 8]) {
    const response = await fetch(byIdUrl(trpcUrl, id));
    expect([response.status, response.headers.get('connection')]).toEqual([404, 'close']);
  }
  expect(await child.exited).toBe(0);
  expect(performance.now() - askedMs).toBeGreaterThanOrEqual(1_500);
});

test('a process whose database is away is live and not ready, and stops gently when asked', async () => {
  await using child = startInMemory({ DATABASE_URL: databaseAwayUrl });
  const { url = '' } = await child.line('health is served');
  await child.line('waiting for the database');
  expect(await (await fetch(url)).json()).toEqual({ status: 'not ready', reason: 'starting' });
  expect((await fetch(new URL('/health/live', url))).status).toBe(200);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});

test('a rejection that nobody handles is fatal and told in the log', async () => {
  await using child = startInMemory();
  const { trpcUrl } = await urlsOf(child);
  const cut = fetch(byIdUrl(trpcUrl, unhandledId)).catch(() => 'cut');
  const line = await child.line('the process cannot go on');
  expect(line).toMatchObject({ level: 'fatal', err: { message: 'nobody waits for this' } });
  expect(await child.exited).toBe(1);
  expect(await cut).toBe('cut');
});

test('a configuration that is not valid is told in whole on standard error, and exits with 1', async () => {
  await using child = startChild('../main.ts', { PORT: 'x', AUTH_JWT_SECRET: 'hunter2' });
  expect(await child.exited).toBe(1);
  const problems = (await child.stderr).trim().split('\n');
  expect(problems.map((line) => line.split(' ')[0])).toEqual([
    'DATABASE_URL',
    'PORT',
    'AUTH_JWT_SECRET',
    'REDIS_URL',
  ]);
});

test('a process that was started without tracing says so where the environment asks for spans', async () => {
  const asked = { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  await using child = startChild('main-in-memory.ts', asked, []);
  const { level } = await child.line(
    'OTEL_* asks for spans, and there are none: start with --import, see docs/tracing.md',
  );
  expect(level).toBe('warn');
});

test('a port that is taken is fatal and told in the log', async () => {
  await using one = startInMemory();
  const { metricsUrl } = await urlsOf(one);
  await using other = startInMemory({ METRICS_PORT: new URL(metricsUrl).port });
  const line = await other.line('the process cannot go on');
  expect(line).toMatchObject({ level: 'fatal', err: { code: 'EADDRINUSE' } });
  expect(await other.exited).toBe(1);
});

function startInMemory(more: Record<string, string> = {}): ChildService {
  return startChild('main-in-memory.ts', { ...environment, ...more });
}

async function urlsOf(child: ChildService) {
  const { url: metricsUrl = '' } = await child.line('metrics are served');
  const { url: healthUrl = '' } = await child.line('health is served');
  const { url: trpcUrl = '' } = await child.line('tRPC is served');
  return { metricsUrl, healthUrl, trpcUrl };
}

function byIdUrl(trpcUrl: string, id: number): string {
  return `${trpcUrl}/product.byId?input=${inputOf({ id })}`;
}
