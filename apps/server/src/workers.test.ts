import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startChild, type ChildService } from './testing/child-service.ts';
import {
  environment as ofOne,
  databaseAwayUrl,
  databaseRefusedUrl,
  heldUntilStopId,
  unhandledId,
} from './testing/main-in-memory.ts';
import { inputOf } from './testing/running-service.ts';
import { scrape } from './testing/scrape.ts';
import { steadyClients } from './testing/steady-clients.ts';

// Starting processes takes its time on a machine that runs every other test beside it.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const environment = { ...ofOne, SERVER_WORKERS: '2' };

/** What is read here is never there, and answered so. */
const answer = 404;
const reads = 'product_read_duration_seconds_count';

// One service lives through all of this, as it would.
let service: Workers;
beforeAll(async () => {
  service = await startWorkers();
});
afterAll(async () => service[Symbol.asyncDispose]());

test('several workers serve behind one port, with one page of metrics for what all of them did', async () => {
  await using clients = steadyClients(8, () => service.byIdUrl(7));
  await clients.more(200);
  const { answered } = await clients.stop();
  const page = await scrape(service);
  expect(page.value(reads)).toBe(answered);
  expect(page.value('service_workers', { state: 'ready' })).toBe(2);
  expect(page.value('app_build_info')).toBe(1);
  expect(page.text.match(/^product_read_duration_seconds_count\{/gm)).toHaveLength(1);
  expect(await service.readsOfEach()).toSatisfy((counts: number[]) => counts.every((n) => n > 0));
});

test('a rolling restart replaces every worker without one failed request of clients that keep their connections', async () => {
  const before = await service.pids();
  const readBefore = (await scrape(service)).value(reads) ?? 0;
  await using clients = steadyClients(16, () => service.byIdUrl(7));
  await clients.more(100);
  service.child.kill('SIGHUP');
  await service.child.line('all workers were replaced');
  await clients.more(100);
  const { errors, statuses, answered } = await clients.stop();
  expect(errors).toEqual([]);
  expect([...statuses.keys()]).toEqual([answer]);
  expect((await service.pids()).filter((pid) => before.includes(pid))).toEqual([]);
  const page = await scrape(service);
  expect(page.value(reads)).toBe(readBefore + answered);
  expect(page.value('service_worker_ends_total', { reason: 'replaced' })).toBe(2);
  expect(page.value('service_workers', { state: 'ready' })).toBe(2);
});

test('a worker that is killed is replaced, requests go on, and no count goes back', async () => {
  await using clients = steadyClients(8, () => service.byIdUrl(7));
  await clients.more(100);
  const before = await scrape(service);
  const [victim = 0] = await service.pids();
  process.kill(victim, 'SIGKILL');
  const line = await service.child.line('a worker died');
  expect(line).toMatchObject({ level: 'error', pid: victim, signal: 'SIGKILL' });
  expect((await fetch(service.healthUrl)).status).toBe(200);
  const after = await scrape(service);
  expect(decreased(before.text, after.text)).toEqual([]);
  const failed = clients.tally.errors.length;
  // Only what was under way at the worker that is gone.
  expect(failed).toBeLessThanOrEqual(8);
  await service.child.line('ready');
  await clients.more(100);
  const { errors } = await clients.stop();
  expect(errors.length).toBeLessThanOrEqual(8);
  expect(decreased(after.text, (await scrape(service)).text)).toEqual([]);
});

test('a connection that was on its way to a worker that is killed ends, and others do not wait for it', async () => {
  await using own = await startWorkers();
  const [victim = 0] = await own.pids();
  process.kill(victim, 'SIGSTOP');
  await using clients = steadyClients(4, () => own.byIdUrl(7), false);
  // One of them was dealt to the worker that stands still, and the others go on.
  await clients.more(100);
  expect(clients.tally.errors).toEqual([]);
  const stopped = clients.stop();
  process.kill(victim, 'SIGKILL');
  const { errors, statuses } = await stopped;
  expect(errors).toHaveLength(1);
  expect([...statuses.keys()]).toEqual([answer]);
});

test('a worker that stands still is killed and replaced', async () => {
  await using own = await startWorkers();
  const [victim = 0] = await own.pids();
  process.kill(victim, 'SIGSTOP');
  expect(await own.child.line('a worker does not answer')).toMatchObject({ pid: victim });
  const line = await own.child.line('a worker died');
  expect(line).toMatchObject({ pid: victim, signal: 'SIGKILL' });
  await own.child.line('ready');
});

test('clients that open a connection for each request are all told, whichever workers are killed', async () => {
  await using own = await startWorkers();
  for (const places of [[0], [1], [0, 1]]) {
    await using clients = steadyClients(32, () => own.byIdUrl(7), false);
    await clients.more(100);
    const pids = await own.pids();
    for (const place of places) process.kill(pids[place] ?? 0, 'SIGKILL');
    for (const _ of places) await own.child.line('ready');
    await clients.more(100);
    // Resolves when each request has an answer or an error.
    const { statuses } = await clients.stop();
    expect([...statuses.keys()]).toEqual([answer]);
  }
});

test('workers that end before they are ready end their supervisor, which says so', async () => {
  await using other = startChild('main-in-memory.ts', {
    ...environment,
    DATABASE_URL: databaseRefusedUrl,
  });
  expect(await other.exited).toBe(1);
  const fatal = linesOf(other).filter(({ level }) => level === 'fatal');
  expect(fatal.map(({ worker }) => worker)).toEqual([1, 1, 1, 1, 1, undefined]);
  expect(fatal[0]).toMatchObject({ err: { message: 'The database refuses.' } });
  expect(fatal.at(-1)).toMatchObject({ err: { code: 'WORKERS_KEEP_DYING' } });
});

test('a port that is taken ends the supervisor before it starts a worker', async () => {
  const taken = { ...environment, PORT: new URL(service.trpcUrl).port };
  await using other = startChild('main-in-memory.ts', taken);
  expect(await other.exited).toBe(1);
  const said = linesOf(other);
  expect(said.at(-1)).toMatchObject({ level: 'fatal', err: { code: 'EADDRINUSE' } });
  expect(said.map(({ msg }) => msg)).not.toContain('a worker was started');
});

test('while no worker is ready the service is live and not ready, and stops gently when asked', async () => {
  await using child = startChild('main-in-memory.ts', {
    ...environment,
    DATABASE_URL: databaseAwayUrl,
  });
  const { url = '' } = await child.line('health is served');
  await child.line('waiting for the database');
  expect(await (await fetch(url)).json()).toEqual({ status: 'not ready', reason: 'starting' });
  expect((await fetch(new URL('/health/live', url))).status).toBe(200);
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
});

test('a fault that ends one worker leaves the others, and the supervisor, as they are', async () => {
  const cut = fetch(service.byIdUrl(unhandledId)).catch(() => 'cut');
  await service.child.line('the process cannot go on');
  expect(await cut).toBe('cut');
  await service.child.line('ready');
  expect((await fetch(service.byIdUrl(7))).status).toBe(answer);
  const page = await scrape(service);
  expect(page.value('service_worker_ends_total', { reason: 'died' })).toBe(2);
});

test('workers do not outlive a supervisor that was killed', async () => {
  const killed = await startWorkers();
  const pids = await killed.pids();
  await killed[Symbol.asyncDispose]();
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
});

test('SIGTERM lets the requests in flight of every worker finish, and exits with 0', async () => {
  const answers = Array.from({ length: 4 }, async () => fetch(service.byIdUrl(heldUntilStopId)));
  for (const _ of answers) await service.child.line('reading');
  const saidBefore = linesOf(service.child).length;
  service.child.kill('SIGTERM');
  const statuses = await Promise.all(answers.map(async (one) => (await one).status));
  expect(statuses).toEqual([answer, answer, answer, answer]);
  expect(await service.child.exited).toBe(0);
  const said = linesOf(service.child).map(({ msg }) => msg);
  expect(said.slice(saidBefore).filter((msg) => msg === 'catalogue closed').length).toBe(2);
  expect(said.at(-1)).toBe('stopped');
});

test('for as long as they were told, workers that stop go on serving while the service is not ready', async () => {
  await using own = await startWorkers({ SHUTDOWN_NOTICE_MS: '2000' });
  own.child.kill('SIGTERM');
  await own.child.line('stopping');
  expect((await fetch(own.healthUrl)).status).toBe(503);
  for (const id of [7, 8, 9, 10]) {
    const response = await fetch(own.byIdUrl(id));
    expect([response.status, response.headers.get('connection')]).toEqual([answer, 'close']);
  }
  expect(await own.child.exited).toBe(0);
});

interface Workers extends AsyncDisposable {
  readonly child: ChildService;
  readonly trpcUrl: string;
  readonly healthUrl: string;
  readonly metricsUrl: string;
  byIdUrl(id: number): string;
  /** Of the workers that were started, the latest of each number. */
  pids(): Promise<number[]>;
  /** How many reads each worker has logged. */
  readsOfEach(): Promise<number[]>;
}

/** With all of its workers ready. */
async function startWorkers(more: Record<string, string> = {}): Promise<Workers> {
  const child = startChild('main-in-memory.ts', { ...environment, ...more });
  const { url: metrics = '' } = await child.line('metrics are served');
  const { url: healthUrl = '' } = await child.line('health is served');
  const { url: trpcUrl = '' } = await child.line('tRPC is served');
  await child.line('all workers are ready');
  return {
    child,
    trpcUrl,
    healthUrl,
    metricsUrl: metrics.replace('/metrics', ''),
    byIdUrl: (id) => `${trpcUrl}/product.byId?input=${inputOf({ id })}`,
    pids: async () => {
      const latest = new Map<unknown, number>();
      for (const { worker, pid } of linesOf(child, 'a worker was started')) {
        latest.set(worker, Number(pid));
      }
      return [...latest.values()];
    },
    readsOfEach: async () => {
      const read = linesOf(child, 'reading');
      return [1, 2].map((number) => read.filter(({ worker }) => worker === number).length);
    },
    [Symbol.asyncDispose]: async () => child[Symbol.asyncDispose](),
  };
}

const logLine = z.looseObject({ level: z.string(), msg: z.string() });

/** Those that say this, or all. */
function linesOf(child: ChildService, said = '') {
  const lines = child.printed().filter((line) => line.includes(said)); // most of thousands tell of a read
  const parsed = lines.map((line) => logLine.parse(JSON.parse(line)));
  return said === '' ? parsed : parsed.filter(({ msg }) => msg === said);
}

/** Counts of the earlier page that are less, or absent, in the later one. */
function decreased(earlier: string, later: string): string[] {
  const [before, after] = [countsOf(earlier), countsOf(later)];
  return [...before].flatMap(([series, value]) =>
    (after.get(series) ?? -1) < value ? [series] : [],
  );
}

function countsOf(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, series = '', value] of text.matchAll(
    /^(\w+_(?:total|bucket|count|sum)(?:\{[^}]*\})?) (\S+)/gm,
  )) {
    counts.set(series, Number(value));
  }
  return counts;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
