import type { ThroughlineClient } from '@throughline/client';
import { useEffect, useReducer, useRef } from 'react';
import { useService } from '../../service/service-context.ts';
import type { WarmProgress } from '../cache-answers.ts';

/** A warm-up that somebody asked for here. */
export type WarmRun =
  | { readonly state: 'none' }
  | { readonly state: 'running' | 'done' | 'stopped'; readonly progress: RunProgress }
  | { readonly state: 'failed'; readonly progress: RunProgress; readonly error: unknown };

export interface RunProgress extends WarmProgress {
  readonly seconds: number;
}

/** Starts a warm-up and tells each of its steps. It ends when it is stopped, and when this page is left. */
export function useWarm() {
  const { client } = useService();
  const [run, tell] = useReducer((_: WarmRun, next: WarmRun) => next, { state: 'none' });
  const stopping = useRef<AbortController>(undefined);
  useEffect(() => () => stopping.current?.abort(), []);

  const warm = async (count: number) => {
    const { signal } = (stopping.current = new AbortController());
    const beganMs = performance.now();
    let progress: RunProgress = { loaded: 0, total: count, seconds: 0 };
    tell({ state: 'running', progress });
    try {
      for await (const step of await warmSteps(client, count, signal)) {
        progress = { ...step, seconds: (performance.now() - beganMs) / 1000 };
        tell({ state: 'running', progress });
      }
      tell({ state: 'done', progress });
    } catch (error) {
      if (signal.aborted) tell({ state: 'stopped', progress });
      else tell({ state: 'failed', progress, error });
    }
  };
  return { run, warm, stop: () => stopping.current?.abort() };
}

/** The steps of a warm-up, which takes as long as it takes: somebody watches it, and can stop it. */
export async function warmSteps(client: ThroughlineClient, count: number, signal: AbortSignal) {
  const context = { deadlineMs: warmDeadlineMs };
  return client.cache.warm.mutate({ count }, { signal, context });
}

/** Far more than the most products take that can be asked for; without it the deadline of answers would hold. */
const warmDeadlineMs = 3_600_000;
