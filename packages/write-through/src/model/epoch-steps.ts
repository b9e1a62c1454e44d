import type { Step } from './explore.ts';
import { absent, type EpochRow, homeOf, type ModelState } from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** The epoch row's way from one epoch to the next: active → draining → (bypass →) active. */
export function epochSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  if (protocol.hasEpochs !== true) return [];
  const { epoch } = state;
  const { number, state: row, oldestTrusted, isLocked } = epoch;
  const steps: Step<ModelState>[] = [];
  const lastOver = row === 'active' ? number - 1 : number;
  if (oldestTrusted <= lastOver) {
    steps.push(to(state, 'the last trust lease ends', { oldestTrusted: lastOver + 1 }));
  }
  if (isLocked) return [...steps, ...markedSteps(state)];
  if (row === 'active') return [...steps, ...activeSteps(state)];
  const mayLeave = oldestTrusted > number || protocol.drainsAtOnce === true;
  if (row === 'draining' && !mayLeave) return steps;
  if (row === 'bypass' && protocol.keepsEpoch === true) {
    const again = { state: 'active', oldestTrusted: number } as const;
    return [...steps, to(state, 'the row is set to active again', again)];
  }
  if (row === 'draining' && protocol.hasBypass === true) {
    steps.push(to(state, 'the row is set to bypass', { state: 'bypass' }));
  }
  return [...steps, ...markSteps(state, protocol)];
}

/** A mark is missing, another instance is the primary, or a write could not place its intents. */
function activeSteps(state: ModelState): Step<ModelState>[] {
  const { epoch, primary, faultsLeft } = state;
  const draining = { state: 'draining' } as const;
  const isLost = homeOf(state, epoch.number) === 'oldPrimary' || primary.mark !== epoch.number;
  if (isLost) return [to(state, 'the row is set to draining', draining)];
  if (faultsLeft.surrenders === 0) return [];
  const left = { faultsLeft: { ...faultsLeft, surrenders: faultsLeft.surrenders - 1 } };
  return [to(state, 'a write gives the epoch up: the row is set to draining', draining, left)];
}

/** The lock, exclusively, waits for every writer; then the marks are written, under which nothing stands. */
function markSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  const hasWriters = state.writers.some(({ transaction }) => transaction === 'open');
  if (hasWriters && protocol.reopensEarly !== true) return [];
  const label = hasWriters
    ? 'the marks of a new epoch are written, without the lock'
    : 'the lock is taken exclusively, the marks of a new epoch are written';
  const primary = { entry: absent, mark: state.epoch.number + 1 };
  return [to(state, label, { isLocked: true }, { primary })];
}

function markedSteps(state: ModelState): Step<ModelState>[] {
  const { epoch, primary, faultsLeft } = state;
  const number = epoch.number + 1;
  const fresh = { number, state: 'active', isLocked: false } as const;
  const steps = [to(state, 'the new epoch is active', fresh)];
  if (faultsLeft.crashes > 0) {
    const left = { ...faultsLeft, crashes: faultsLeft.crashes - 1 };
    // Whoever tries next draws another id, so that these marks are those of no epoch.
    const unmarked = { primary: { ...primary, mark: -1 }, faultsLeft: left };
    steps.push(to(state, 'who holds the lock crashes', { isLocked: false }, unmarked));
  }
  return steps;
}

function to(
  state: ModelState,
  label: string,
  epoch: Partial<EpochRow>,
  patch: Partial<ModelState> = {},
): Step<ModelState> {
  return { label, state: { ...state, ...patch, epoch: { ...state.epoch, ...epoch } } };
}
