import { epochSteps, faultSteps, messageSteps } from './cache-steps.ts';
import { absent, type ModelEntry, type ModelState, type Step } from './model-state.ts';
import type { Protocol } from './protocol.ts';
import { readerSteps } from './reader-steps.ts';
import { StateSet } from './state-set.ts';
import { writerSteps } from './writer-steps.ts';

export type Exploration =
  | { readonly outcome: 'violated'; readonly states: number; readonly trace: readonly string[] }
  | { readonly outcome: 'holds'; readonly states: number };

const writerCount = 2;
/** How many reads each reader makes, one after the other. */
const reads = [2, 1];

/**
 * Visits every state that two writers, two readers, late messages and the faults allowed can reach, breadth
 * first, so that a violation found is a shortest one.
 */
export function explore(protocol: Protocol): Exploration {
  const visited = new StateSet();
  const first = initialState(protocol);
  visited.add(JSON.stringify(first), { from: -1, label: '' });
  let frontier = [{ state: first, place: 0 }];
  let states = 0;
  while (frontier.length > 0) {
    const next: { state: ModelState; place: number }[] = [];
    for (const { state, place: from } of frontier) {
      states += 1;
      for (const { label, state: to } of stepsFrom(state, protocol)) {
        if (to === 'violation') {
          return { outcome: 'violated', states, trace: [...visited.traceTo(from), label] };
        }
        const place = visited.add(JSON.stringify(to), { from, label });
        if (place !== undefined) next.push({ state: to, place });
      }
    }
    frontier = next;
  }
  return { outcome: 'holds', states };
}

function stepsFrom(state: ModelState, protocol: Protocol): Step[] {
  return [writerSteps, readerSteps, messageSteps, faultSteps, epochSteps].flatMap((steps) =>
    steps(state, protocol),
  );
}

function initialState({ startsWarm = true, faults = {} }: Protocol): ModelState {
  const value: ModelEntry = { is: 'value', version: 1 };
  return {
    committed: 1,
    rowLock: -1,
    transactions: Array.from({ length: writerCount }, () => 'none' as const),
    writers: Array.from({ length: writerCount }, () => ({ at: 'idle', version: 0 }) as const),
    readers: reads.map((readsLeft) => ({
      at: 'idle',
      floor: 0,
      token: '',
      value: 0,
      seen: null,
      mayFill: true,
      isResolved: false,
      readsLeft,
      epoch: 0,
    })),
    entry: startsWarm ? value : absent,
    replica: value,
    oldPrimary: null,
    messages: [],
    floor: 1,
    faultsLeft: { evictions: 0, flushes: 0, failovers: 0, expiries: 0, crashes: 1, ...faults },
    epoch: 0,
    epochState: 'active',
    isMarked: true,
    isDrained: false,
  };
}
