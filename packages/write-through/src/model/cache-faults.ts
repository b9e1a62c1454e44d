import type { Step } from './explore.ts';
import { send } from './messages.ts';
import {
  absent,
  type FaultsLeft,
  type Instance,
  type ModelState,
  writerOf,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** What may befall the cache, and the sweeper that tidies it. */
export function faultSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  const { primary, replica, faultsLeft, oldPrimary } = state;
  const { entry } = primary;
  const steps: Step<ModelState>[] = [];
  const fault = (kind: keyof FaultsLeft, label: string, patch: Partial<ModelState>): void => {
    if (faultsLeft[kind] === 0) return;
    const left = { ...faultsLeft, [kind]: faultsLeft[kind] - 1 };
    steps.push({ label, state: { ...state, ...patch, faultsLeft: left } });
  };
  const emptied = { primary: { ...primary, entry: absent } };
  if (entry.is !== 'absent' && (entry.is !== 'pending' || protocol.evictsPending === true)) {
    fault(
      'evictions',
      `the ${entry.is === 'pending' ? 'pending entry' : entry.is} is evicted`,
      emptied,
    );
  }
  if (entry.is === 'pending') {
    fault('expiries', 'the pending entry expires', emptied);
    if (areOver(state, entry.attempts)) {
      // It asks for statuses that are final, so that it does not matter how long ago it looked.
      const { attempts: seen, nonce } = entry;
      const resolve = { do: 'resolve', seen, ended: seen, nonce, version: 0 } as const;
      const messages = send(state, { ...resolve, epoch: primary.mark });
      fault('sweeps', 'the sweeper sends RESOLVE to nothing', { messages });
    }
  }
  fault('flushes', 'Redis is flushed', { primary: { entry: absent, mark: -1 } });
  const label = 'the lagging replica is promoted';
  const comparesIdentity = protocol.hasEpochs === true && protocol.ignoresIdentity !== true;
  if (oldPrimary !== null) return steps;
  if (comparesIdentity) {
    // What was promoted is asked for nothing before it is marked, so that it does not matter what it holds.
    const { number, isLocked } = state.epoch;
    const epoch = { ...state.epoch, firstHere: isLocked ? number + 2 : number + 1 };
    fault('failovers', label, { epoch, oldPrimary: primary, primary: { entry: absent, mark: -1 } });
    return steps;
  }
  fault('failovers', label, { oldPrimary: primary, primary: replica });
  // If it is never to be promoted, nobody looks at it.
  if (faultsLeft.failovers > 0 && !isAlike(primary, replica)) {
    steps.push({ label: 'the replica catches up', state: { ...state, replica: primary } });
  }
  return steps;
}

function areOver(state: ModelState, attempts: readonly number[]): boolean {
  return attempts.every((attempt) => {
    const status = state.writers[writerOf(attempt)]?.transaction;
    return status === 'committed' || status === 'aborted';
  });
}

function isAlike(one: Instance, other: Instance): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
