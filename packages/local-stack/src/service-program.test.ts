import { expect, test } from 'vitest';
import { type ServiceEnd, ServiceProgram } from './service-program.ts';

const file = new URL('testing/fixtures/service.ts', import.meta.url).pathname;

function open(environment: Record<string, string> = { GREETING: 'hello' }) {
  const lines: string[] = [];
  const ended = Promise.withResolvers<ServiceEnd>();
  const program = new ServiceProgram({
    file,
    environment,
    onLine: (line) => lines.push(line),
    onEnd: ended.resolve,
  });
  return {
    program,
    lines,
    ended: ended.promise,
    [Symbol.asyncDispose]: async () => program[Symbol.asyncDispose](),
  };
}

async function answerOf({ program }: ReturnType<typeof open>, path = ''): Promise<string> {
  return (await fetch(`${program.urlOf('/trpc') ?? ''}${path}`)).text();
}

test('it is started when it is ready, and says where', async () => {
  await using at = open();
  expect(at.program.isRunning).toBe(false);
  await at.program.start();
  expect(await answerOf(at)).toBe('hello');
  expect(at.lines.length).toBe(3);
  expect(at.program.pid).toBeGreaterThan(0);
});

test('one that cannot begin says why', async () => {
  await using at = open({});
  await expect(at.program.start()).rejects.toThrow(/before it was ready\. There is no greeting/);
  expect(await at.ended).toMatchObject({ how: 2, wasReady: false });
  expect(at.program.isRunning).toBe(false);
});

test('one that ends by itself is told of, and one that is ended is not', async () => {
  await using at = open();
  let ends = 0;
  void at.ended.then(() => (ends += 1));
  await at.program.start();
  expect(await at.program.end('SIGTERM')).toBe(0);
  await at.program.start();
  expect(await at.program.end('SIGKILL')).toBe('SIGKILL');
  expect(await at.program.end('SIGKILL')).toBe(null);
  expect(ends).toBe(0);
  await at.program.start();
  const { origin } = new URL(at.program.urlOf('/trpc') ?? '');
  await fetch(`${origin}/fail`).catch(() => undefined);
  expect(await at.ended).toMatchObject({ how: 3, wasReady: true });
});

test('one that is stopped in mid-air answers when it goes on', async () => {
  await using at = open();
  await at.program.start();
  at.program.pause();
  let isAnswered = false;
  const answer = answerOf(at).finally(() => (isAnswered = true));
  await expect(
    fetch(at.program.urlOf('/trpc') ?? '', { signal: AbortSignal.timeout(200) }),
  ).rejects.toThrow(/timeout/);
  expect(isAnswered).toBe(false);
  at.program.resume();
  expect(await answer).toBe('hello');
});
