import { createClient } from '@throughline/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { warmSteps } from './use-warm.ts';

test('a warm-up goes on after the deadline of other calls, until it is stopped', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const signals: (AbortSignal | null | undefined)[] = [];
  const client = createClient({
    url: 'http://service.invalid/trpc',
    deadlineMs: 15_000,
    fetch: async (_, init) => {
      signals.push(init?.signal);
      return new Promise<Response>(() => {});
    },
  });
  const stopping = new AbortController();
  const ended = warmSteps(client, 1, stopping.signal).catch((err: unknown) => err);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  stopping.abort();
  expect(String(await ended)).toContain('abort');
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
});
