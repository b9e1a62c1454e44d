import { epochSteps, faultSteps, messageSteps } from './cache-steps.ts';
import { absent, type ModelEntry, type ModelState, type Step } from './model-state.ts';
import type { Protocol } from './protocol.ts';
import { readerSteps } from './reader-steps.ts';
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
  const first = initialState(protocol);
  const parents = new Map<string, Arrival | null>([[JSON.stringify(first), null]]);
  let frontier = [first];
  let states = 0;
  while (frontier.length > 0) {
    const next: ModelState[] = [];
    for (const state of frontier) {
      const from = JSON.stringify(state);
      states += 1;
      for (const { label, state: to } of stepsFrom(state, protocol)) {
        if (to === 'violation') {
          return { outcome: 'violated', states, trace: traceTo(parents, { from, label }) };
        }
        const text = JSON.stringify(to);
        if (parents.has(text)) continue;
        parents.set(text, { from, label });
        next.push(to);
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

interface Arrival {
  readonly from: string;
  readonly label: string;
}

function traceTo(parents: ReadonlyMap<string, Arrival | null>, last: Arrival): string[] {
  const trace = [last.label];
  for (let arrival = parents.get(last.from); arrival; arrival = parents.get(arrival.from)) {
    trace.push(arrival.label);
  }
  return trace.toReversed();
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
