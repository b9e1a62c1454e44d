import { limits } from './limits.ts';
import { elapsed } from './shutdown.ts';
import type { WorkerState } from './worker-sources.ts';

/** A worker, as who watches it sees it. */
export interface Watched {
  readonly state: WorkerState;
  readonly ready: Promise<unknown>;
  readonly ended: Promise<unknown>;
  /** Undefined if there is no answer in time. */
  ask(question: 'readiness', patienceMs: number): Promise<unknown>;
  kill(): void;
}

/** How often a worker is asked whether it still answers, how long it has for that, and how many silences are too many. */
export type WatchBounds = Readonly<
  Record<'heartbeatMs' | 'workerAnswerMs' | 'silencesMax', number>
>;

/**
 * Kills a worker that has been ready and says nothing any more, so that it is replaced: its clients would wait for ever, and
 * nothing that it measured would be told. Resolves when it was killed (`hung`), or has ended or was told to leave by itself.
 */
export async function watchWorker(
  worker: Watched,
  { heartbeatMs, workerAnswerMs, silencesMax }: WatchBounds = limits,
): Promise<'hung' | 'over'> {
  const over = new AbortController();
  void worker.ended.then(() => over.abort());
  await Promise.race([worker.ready, worker.ended]);
  for (let silences = 0; silences < silencesMax;) {
    await elapsed(heartbeatMs, over.signal);
    if (over.signal.aborted || worker.state !== 'ready') return 'over';
    const answer = await worker.ask('readiness', workerAnswerMs);
    silences = answer === undefined ? silences + 1 : 0;
  }
  if (over.signal.aborted || worker.state !== 'ready') return 'over';
  worker.kill();
  return 'hung';
}
