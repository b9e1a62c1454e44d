import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { limits } from './limits.ts';
import { type Watched, watchWorker } from './watch-worker.ts';

const bounds = { heartbeatMs: 1, workerAnswerMs: 1, silencesMax: 3 };

/** A worker that is ready, answers as told, and ends when it has no more to say. */
function workerThat(answers: readonly ('ready' | undefined)[]) {
  const ended = Promise.withResolvers<void>();
  const left = [...answers];
  let kills = 0;
  const worker: Watched = {
    state: 'ready',
    ready: Promise.resolve(),
    ended: ended.promise,
    ask: async () => {
      const answer = left.shift();
      if (left.length === 0) ended.resolve();
      return answer;
    },
    kill: () => {
      kills += 1;
    },
  };
  return { worker, kills: () => kills };
}

test('a worker that is silent three times in a row is killed', async () => {
  const { worker, kills } = workerThat(['ready', undefined, undefined, undefined, 'ready']);
  expect(await watchWorker(worker, bounds)).toBe('hung');
  expect(kills()).toBe(1);
});

test('a worker that answers now and then is let live until it ends by itself', async () => {
  const { worker, kills } = workerThat([undefined, undefined, 'ready', undefined, undefined]);
  expect(await watchWorker(worker, bounds)).toBe('over');
  expect(kills()).toBe(0);
});

test('a worker that was told to leave is not asked any more', async () => {
  const { worker, kills } = workerThat([undefined, undefined, undefined, undefined]);
  expect(await watchWorker({ ...worker, state: 'draining' }, bounds)).toBe('over');
  expect(kills()).toBe(0);
});

test('docs/failure-modes.md tells how long a worker that answers nothing is let be', async () => {
  const page = new URL('../../../docs/failure-modes.md', import.meta.url);
  const silentMs = limits.silencesMax * (limits.heartbeatMs + limits.workerAnswerMs);
  expect(await readFile(page, 'utf8')).toContain(`answers nothing for ${silentMs / 1_000} s`);
});
