import {
  absent,
  type FaultsLeft,
  type Message,
  type ModelEntry,
  type ModelState,
  type Step,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';
import { intended } from './writer-steps.ts';

/** Every message that may be executed now, however late, its sender dead or not. */
export function messageSteps(state: ModelState, protocol: Protocol): Step[] {
  if (state.oldPrimary !== null) return [];
  if (protocol.hasEpochs === true && !state.isMarked && protocol.ignoresMark !== true) return [];
  return state.messages.flatMap((message) => {
    if (protocol.hasEpochs === true && message.epoch !== state.epoch) return [];
    const entry = executed(state.entry, message, protocol);
    if (entry === undefined) return [];
    const messages = state.messages.filter((other) => other !== message);
    return [{ label: `${message.do} is executed`, state: { ...state, entry, messages } }];
  });
}

function executed(entry: ModelEntry, message: Message, protocol: Protocol): ModelEntry | undefined {
  switch (message.do) {
    case 'set':
      return { is: 'value', version: message.version };
    case 'fill': {
      const isMine = entry.is === 'lease' && entry.token === message.token;
      return isMine ? { is: 'value', version: message.version } : undefined;
    }
    case 'resolve': {
      if (entry.is !== 'pending') return undefined;
      const { writers, nonce } = message.seen;
      const isSame =
        protocol.comparesContent === true
          ? entry.writers.join() === writers.join()
          : entry.nonce === nonce && entry.writers.every((writer) => writers.includes(writer));
      return isSame ? { is: 'value', version: message.version } : undefined;
    }
    case 'intend':
      return intended(entry, message.writer, protocol);
    case 'publish':
    case 'abandon': {
      if (entry.is !== 'pending' || !entry.writers.includes(message.writer)) return undefined;
      const best = message.do === 'publish' ? Math.max(entry.best, message.version) : entry.best;
      const writers = entry.writers.filter((writer) => writer !== message.writer);
      if (writers.length > 0) return { ...entry, writers, best };
      return best > 0 ? { is: 'value', version: best } : absent;
    }
  }
}

/** What may befall the cache. */
export function faultSteps(state: ModelState, protocol: Protocol): Step[] {
  const { entry, replica, faultsLeft, oldPrimary } = state;
  const steps: Step[] = [];
  const fault = (kind: keyof FaultsLeft, label: string, patch: Partial<ModelState>): void => {
    const left = { ...faultsLeft, [kind]: faultsLeft[kind] - 1 };
    steps.push({ label, state: { ...state, ...patch, faultsLeft: left } });
  };
  const mayEvict =
    entry.is !== 'absent' && (entry.is !== 'pending' || protocol.evictsPending === true);
  if (faultsLeft.evictions > 0 && mayEvict)
    fault('evictions', `${entry.is} is evicted`, { entry: absent });
  if (faultsLeft.expiries > 0 && entry.is === 'pending') {
    fault('expiries', 'the pending entry expires', { entry: absent });
  }
  if (faultsLeft.flushes > 0) {
    fault('flushes', 'the cache is flushed', {
      entry: absent,
      isMarked: protocol.hasEpochs !== true,
    });
  }
  if (faultsLeft.failovers > 0) {
    if (JSON.stringify(replica) !== JSON.stringify(entry)) {
      steps.push({ label: 'the replica catches up', state: { ...state, replica: entry } });
    }
    if (oldPrimary === null) {
      fault('failovers', 'the lagging replica is promoted', { oldPrimary: entry, entry: replica });
    }
  }
  return steps;
}

/** The epoch row's way from one epoch to the next. */
export function epochSteps(state: ModelState, protocol: Protocol): Step[] {
  if (protocol.hasEpochs !== true) return [];
  const { epochState, oldPrimary, isMarked, isDrained, transactions, epoch } = state;
  const hasWriters = transactions.includes('open');
  if (epochState === 'active') {
    if (oldPrimary === null && isMarked) return [];
    return [
      { label: 'the epoch drains', state: { ...state, epochState: 'draining', isDrained: false } },
    ];
  }
  const fresh = {
    entry: absent,
    replica: absent,
    oldPrimary: null,
    isMarked: true,
    isDrained: false,
    epochState: 'active',
    epoch: epoch + 1,
  } as const;
  const begin = { label: 'a new epoch begins', state: { ...state, ...fresh } };
  const mayBegin = !hasWriters || protocol.reopensEarly === true;
  if (epochState === 'draining' && protocol.readsMark !== true) {
    if (!isDrained) return [{ label: 'leases end', state: { ...state, isDrained: true } }];
    return hasWriters ? [] : [{ label: 'bypass', state: { ...state, epochState: 'bypass' } }];
  }
  return mayBegin ? [begin] : [];
}
