import { describe, expect, it } from 'vitest';
import type { ModelState } from './model-state.ts';
import type { Protocol } from './protocol.ts';
import { recordModel } from './record-model.ts';
import { writeState } from './state-code.ts';
import { StateBytes } from './state-set.ts';
import { type Naming, symmetry } from './symmetry.ts';

const ours: Protocol = {
  writes: 'intend',
  intendsBeforeLock: true,
  resolvesPart: true,
  isCoarse: true,
  faults: { crashes: 0 },
};

describe('states that are taken for one', () => {
  it.each<[string, Protocol]>([
    ['each INTEND sent twice', { ...ours, retries: 'own tokens' }],
    ['loads shared', { ...ours, boardsUntil: 'LEASE' }],
    ['a drain', { ...ours, outside: {} }],
    [
      'epochs and an old primary',
      { ...ours, hasEpochs: true, readsMark: true, faults: { failovers: 1, crashes: 0 } },
    ],
  ])('differ in nothing but names: %s', { timeout: 60_000 }, (_, protocol) => {
    const namesOf = new Map<string, string>();
    for (const state of someStates(protocol)) {
      const written = text(state, symmetry(state, protocol));
      const plain = plainest(state, protocol);
      expect(namesOf.get(written) ?? plain).toBe(plain);
      namesOf.set(written, plain);
    }
    expect(namesOf.size).toBeGreaterThan(1_000);
  });
});

/** The first states that are reached, each told by its own names. */
function someStates(protocol: Protocol): ModelState[] {
  const model = recordModel(protocol);
  const states = new Map([[JSON.stringify(model.initial), model.initial]]);
  for (const state of states.values()) {
    if (states.size > 5_000) break;
    for (const { state: next } of model.steps(state)) {
      if (next === 'violation') continue;
      const tidied = model.tidied(next);
      states.set(JSON.stringify(tidied), tidied);
    }
  }
  return [...states.values()];
}

/** The first in order of all texts of the state, with writers and readers in any order. */
function plainest(state: ModelState, protocol: Protocol): string {
  const [same, swapped] = [
    [0, 1],
    [1, 0],
  ];
  const orders = protocol.outside === undefined ? [same, swapped] : [same];
  const texts = orders.flatMap((writers) =>
    [same, swapped].map((readers) => renamed(state, writers, readers)),
  );
  return texts.sort()[0] ?? '';
}

/** The state as text, with every writer and reader called by its place in these orders. */
function renamed(
  state: ModelState,
  writers: readonly number[],
  readers: readonly number[],
): string {
  const leases = [state.primary, state.oldPrimary].map((instance) =>
    instance?.entry.is === 'lease' ? instance.entry.token : 0,
  );
  const attempt = (old: number): number => writers.indexOf(old >> 1) * 2 + (old & 1);
  const rename = (key: string, value: unknown): unknown => {
    if (Array.isArray(value) && ['attempts', 'ended', 'seen'].includes(key)) {
      return value.map((old) => attempt(Number(old))).sort((one, other) => one - other);
    }
    if (typeof value !== 'number') return value;
    if (key === 'attempt' || key === 'nonce') return attempt(value);
    if (key === 'token') return value === 0 ? 0 : leases.indexOf(value) + 1;
    if (key === 'rowLock') return writers.indexOf(value);
    return key === 'leader' ? readers.indexOf(value) : value;
  };
  const parts = {
    ...state,
    writers: state.writers.map((_, place) => {
      const { attempt: own = 0, ...writer } = state.writers[writers[place] ?? 0] ?? {};
      return { ...writer, send: own & 1 };
    }),
    readers: readers.map((reader) => state.readers[reader]),
    messages: state.messages.map((message) => JSON.stringify(message, rename)).sort(),
  };
  return JSON.stringify(parts, rename);
}

function text(state: ModelState, naming: Naming): string {
  const bytes = new StateBytes();
  writeState(state, naming, bytes);
  return bytes.toString();
}
