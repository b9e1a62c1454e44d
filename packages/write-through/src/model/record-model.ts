import { faultSteps } from './cache-faults.ts';
import { drainSteps } from './drain-steps.ts';
import { epochSteps } from './epoch-steps.ts';
import type { Model } from './explore.ts';
import { messageSteps } from './messages.ts';
import { absent, type FaultsLeft, type ModelEntry, type ModelState } from './model-state.ts';
import { type Bounds, type Protocol, standardBounds } from './protocol.ts';
import { idleReader, readerSteps } from './reader-steps.ts';
import { ownNames, symmetry } from './symmetry.ts';
import { writeState } from './state-code.ts';
import { withoutVain } from './vain-messages.ts';
import { writerSteps } from './writer-steps.ts';

export interface RecordModelOptions {
  readonly bounds?: Bounds;
  /** Whether states that differ in nothing that matters are taken for one; so if not said. */
  readonly isReduced?: boolean;
}

/** Writers and readers of one record under a protocol, with messages that arrive at any time or never. */
export function recordModel(
  protocol: Protocol,
  { bounds = standardBounds, isReduced = true }: RecordModelOptions = {},
): Model<ModelState> {
  const allSteps = [writerSteps, drainSteps, readerSteps, messageSteps, faultSteps, epochSteps];
  return {
    initial: initialState(protocol, bounds),
    steps: (state) => allSteps.flatMap((each) => each(state, protocol)),
    tidied: (state) => (isReduced ? withoutVain(state, protocol) : state),
    write(state, bytes) {
      writeState(state, isReduced ? symmetry(state, protocol) : ownNames(state), bytes);
    },
  };
}

const noFaults: FaultsLeft = {
  evictions: 0,
  flushes: 0,
  failovers: 0,
  expiries: 0,
  crashes: 1,
  surrenders: 0,
  sweeps: 0,
};

function initialState({ startsWarm = true, faults = {} }: Protocol, bounds: Bounds): ModelState {
  const value: ModelEntry = { is: 'value', version: 1 };
  return {
    committed: 1,
    rowLock: -1,
    writers: Array.from(
      { length: bounds.writers },
      () => ({ at: 'idle', version: 0, transaction: 'none', epoch: 0, attempt: 0 }) as const,
    ),
    readers: Array.from({ length: bounds.readers }, () => idleReader),
    readsLeft: bounds.reads,
    primary: { entry: startsWarm ? value : absent, mark: 0 },
    replica: { entry: value, mark: 0 },
    oldPrimary: null,
    messages: [],
    floor: 1,
    undrained: 0,
    faultsLeft: { ...noFaults, ...faults },
    epoch: { number: 0, state: 'active', oldestTrusted: 0, isLocked: false, firstHere: 0 },
  };
}
