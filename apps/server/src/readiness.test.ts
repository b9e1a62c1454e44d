import { expect, test } from 'vitest';
import { Readiness } from './readiness.ts';

const answering = () => Promise.resolve();

test('a process is not ready before it serves', async () => {
  expect(await new Readiness().reasonAgainst()).toBe('starting');
});

test('a process that serves is ready as long as the database answers', async () => {
  const readiness = new Readiness();
  let ping: () => Promise<void> = answering;
  readiness.serve(() => ping());
  expect(await readiness.reasonAgainst()).toBeNull();
  ping = () => Promise.reject(new Error('connection refused'));
  expect(await readiness.reasonAgainst()).toBe('database unreachable');
  ping = answering;
  expect(await readiness.reasonAgainst()).toBeNull();
});

test('a database that does not answer in time is unreachable', async () => {
  const readiness = new Readiness(1);
  readiness.serve(() => new Promise(() => {}));
  expect(await readiness.reasonAgainst()).toBe('database unreachable');
});

test('a process that stops is not ready and never becomes so again', async () => {
  const readiness = new Readiness();
  readiness.serve(answering);
  readiness.stop();
  readiness.serve(answering);
  expect(await readiness.reasonAgainst()).toBe('stopping');
});

test('a process that is stopped while the database is asked is not ready', async () => {
  const readiness = new Readiness();
  const { promise, resolve } = Promise.withResolvers<void>();
  readiness.serve(() => promise);
  const reason = readiness.reasonAgainst();
  readiness.stop();
  resolve();
  expect(await reason).toBe('stopping');
});
