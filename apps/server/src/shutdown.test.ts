import { createLogger } from '@throughline/telemetry';
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { aborted, elapsed, listenForShutdown } from './shutdown.ts';

test.each(['SIGTERM', 'SIGINT'])('the first %s asks to stop and does not exit', async (name) => {
  const { signal, source, exits } = listen();
  expect(signal.aborted).toBe(false);
  source.emit(name);
  await aborted(signal);
  expect(exits).toEqual([]);
});

test('a second signal exits at once, whichever it is', () => {
  const { source, exits, clock } = listen();
  source.emit('SIGTERM');
  clock.nowMs += 1_000;
  source.emit('SIGINT');
  expect(exits).toEqual([1]);
});

test('the same stop told twice, by npm and by the terminal, is one', () => {
  const { source, exits, clock } = listen();
  source.emit('SIGINT');
  clock.nowMs += 8;
  source.emit('SIGINT');
  expect(exits).toEqual([]);
});

test('who begins to wait after the signal waits no longer', async () => {
  const { signal, source } = listen();
  source.emit('SIGTERM');
  await expect(aborted(signal)).resolves.toBeUndefined();
  await expect(aborted(signal)).resolves.toBeUndefined();
});

test('a time is over when it is, or when the signal says so', async () => {
  const { signal, source } = listen();
  await elapsed(1, signal);
  const long = elapsed(1_000_000, signal);
  source.emit('SIGTERM');
  await long;
  await expect(elapsed(1_000_000, signal)).resolves.toBeUndefined();
});

function listen() {
  const source = new EventEmitter();
  const exits: number[] = [];
  const clock = { nowMs: 5_000 };
  const signal = listenForShutdown({
    logger: createLogger({ level: 'silent' }),
    source,
    exit: (code) => void exits.push(code),
    nowMs: () => clock.nowMs,
  });
  return { signal, source, exits, clock };
}
