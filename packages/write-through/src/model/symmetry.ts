import type { Names } from './messages.ts';
import type { ModelState, ReaderState, WriterState } from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** In which order writers and readers are written down, and what they are called in entries and messages. */
export interface Naming extends Names {
  readonly writers: readonly number[];
  readonly readers: readonly number[];
  /** The place of a writer or reader in that order; -1 for none. */
  writer(index: number): number;
  reader(index: number): number;
}

export function ownNames(state: ModelState): Naming {
  return naming([...state.writers.keys()], [...state.readers.keys()]);
}

/**
 * No step tells one writer from another, or one reader: so whatever can follow a state can follow it, under other
 * names, where two of them have changed places everywhere. Both are ordered here by what they are at. That never
 * takes states for one that differ in more than names, whatever the order; where two of them are at the same, it
 * may miss that two states are alike, which costs time alone. Of a token, nothing matters but which instance
 * holds it as a lease.
 */
export function symmetry(state: ModelState, protocol: Protocol): Naming {
  // The drain is told from the writers.
  const drain = protocol.outside === undefined ? -1 : state.writers.length - 1;
  const writers = ordered(
    state.writers.map((writer, index) =>
      index === drain ? Number.MAX_VALUE : writerWeight(state, writer, index),
    ),
  );
  const readers = ordered(state.readers.map(readerWeight));
  const { primary, replica, oldPrimary } = state;
  const leases = [primary, replica, oldPrimary].map((instance) =>
    instance?.entry.is === 'lease' ? instance.entry.token : 0,
  );
  return {
    ...naming(writers, readers),
    token: (token) => (token === 0 ? 0 : leases.indexOf(token) + 1),
  };
}

/** The places by ascending weight. */
function ordered(weights: readonly number[]): number[] {
  const places: number[] = [];
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] ?? 0;
    let at = places.length;
    while (at > 0 && (weights[places[at - 1] ?? 0] ?? 0) > weight) at -= 1;
    places.splice(at, 0, index);
  }
  return places;
}

function naming(writers: readonly number[], readers: readonly number[]): Naming {
  const writer = (index: number) => writers.indexOf(index);
  return {
    writers,
    readers,
    writer,
    reader: (index) => readers.indexOf(index),
    attempt: (attempt) => writer(attempt >> 1) * 2 + (attempt & 1),
    token: (token) => token,
  };
}

export const writerAt: Record<WriterState['at'], number> = {
  idle: 0,
  begun: 1,
  waiting: 2,
  locked: 3,
  ready: 4,
  committed: 5,
  acknowledged: 6,
  dead: 7,
};

export const transactionAt: Record<WriterState['transaction'], number> = {
  none: 0,
  open: 1,
  committed: 2,
  aborted: 3,
};

export const readerAt: Record<ReaderState['at'], number> = {
  idle: 0,
  get: 1,
  check: 2,
  status: 3,
  select: 4,
  fill: 5,
  aboard: 6,
};

function writerWeight(state: ModelState, writer: WriterState, index: number): number {
  let weight = writerAt[writer.at] * 4 + transactionAt[writer.transaction];
  weight = weight * 8 + writer.version;
  weight = weight * 8 + writer.epoch + 1;
  const { entry } = state.primary;
  let inEntry = 0;
  if (entry.is === 'pending') {
    for (const attempt of entry.attempts) if (attempt >> 1 === index) inEntry += 1 + (attempt & 1);
    if (entry.nonce >> 1 === index) inEntry += 4;
  }
  weight = weight * 8 + inEntry;
  let sent = 0;
  for (const message of state.messages) {
    if (message.do === 'intend' && message.attempt >> 1 === index) sent += 1;
    if (message.do === 'publish' && message.attempt >> 1 === index) sent += 2;
    if (message.do === 'resolve' && message.nonce >> 1 === index) sent += 8;
  }
  return weight * 64 + sent;
}

function readerWeight(reader: ReaderState): number {
  let weight = readerAt[reader.at];
  weight = weight * 8 + reader.floor;
  weight = weight * 8 + reader.value;
  weight = weight * 8 + reader.epoch + 1;
  weight = weight * 2 + (reader.mayFill ? 1 : 0);
  return weight * 8 + (reader.seen === null ? 0 : reader.seen.attempts.length);
}
