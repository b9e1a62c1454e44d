import {
  type Message,
  type ModelEntry,
  type ModelState,
  absent,
  type PendingSeen,
  type ReaderState,
  replaceAt,
  send,
  type Step,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** Every step that some reader can take. */
export function readerSteps(state: ModelState, protocol: Protocol): Step[] {
  return state.readers.flatMap((reader, index) =>
    new ReaderTurn({ state, protocol, index, reader }).steps(),
  );
}

const idle = {
  at: 'idle',
  floor: 0,
  token: '',
  value: 0,
  seen: null,
  mayFill: true,
  isResolved: false,
  epoch: 0,
} as const;

interface Turn {
  readonly state: ModelState;
  readonly protocol: Protocol;
  readonly index: number;
  readonly reader: ReaderState;
}

class ReaderTurn {
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  steps(): Step[] {
    const { reader } = this.#turn;
    switch (reader.at) {
      case 'idle':
        return reader.readsLeft === 0 ? [] : this.#begin();
      case 'get':
        return this.#get();
      case 'check':
        return this.#check();
      case 'status':
        return [this.#askStatuses()];
      case 'select':
        return [this.#select()];
      case 'fill':
        return [this.#fill()];
    }
  }

  #begin(): Step[] {
    const { state, protocol, index, reader } = this.#turn;
    const token = protocol.reusesTokens === true ? 'same' : `${index}.${reader.readsLeft}`;
    const readsLeft = reader.readsLeft - 1;
    const begun = { ...idle, floor: state.floor, token, readsLeft };
    const cached = (epoch: number) =>
      this.#step('begins at the cache', { ...begun, at: 'get', epoch });
    const bypass = this.#step('begins past the cache', {
      ...begun,
      at: 'select',
      epoch: -1,
      mayFill: false,
    });
    if (protocol.hasEpochs !== true || state.epochState === 'active') return [cached(state.epoch)];
    // Without leases nobody tells a reader; it may go on with the epoch it knows for as long as it likes.
    if (protocol.readsMark === true) return [cached(state.epoch), bypass];
    // Until its lease on the epoch ends, a reader may not have heard that the epoch drains.
    return this.#mayStillTrust() ? [cached(state.epoch), bypass] : [bypass];
  }

  #get(): Step[] {
    const { state, protocol } = this.#turn;
    const { oldPrimary, entry } = state;
    if (oldPrimary === null) return [this.#answer(entry, 'current')];
    if (protocol.hasEpochs === true) return [this.#answer(oldPrimary, 'old')];
    return [this.#answer(entry, 'current'), this.#answer(oldPrimary, 'old')];
  }

  #answer(entry: ModelEntry, copy: 'current' | 'old'): Step {
    const { state, protocol, reader } = this.#turn;
    const isOther = protocol.hasEpochs === true && reader.epoch !== state.epoch;
    if (protocol.readsMark === true && (isOther || !state.isMarked)) {
      return this.#step('finds no mark', { ...reader, at: 'select', mayFill: false });
    }
    const found = isOther ? absent : entry;
    if (found.is === 'value') {
      if (protocol.hasEpochs !== true || protocol.readsMark === true) {
        return this.#return(found.version, 'from the cache');
      }
      return this.#step(`gets v${found.version}`, { ...reader, at: 'check', value: found.version });
    }
    if (found.is === 'pending') {
      const seen = { writers: found.writers, nonce: found.nonce };
      const at = protocol.readsRowFirst === true ? 'select' : 'status';
      return this.#step('finds it pending', { ...reader, at, seen });
    }
    if (protocol.writes === 'set' || protocol.writes === 'delete') {
      return this.#step('misses', { ...reader, at: 'select' });
    }
    const mayLease = copy === 'current' && state.oldPrimary === null && state.isMarked && !isOther;
    if (!mayLease) return this.#step('misses', { ...reader, at: 'select', mayFill: false });
    const lease = { is: 'lease', token: reader.token } as const;
    return this.#step('misses, leases', { ...reader, at: 'select' }, { entry: lease });
  }

  /** The lease on the epoch is looked at after the reply came. */
  #check(): Step[] {
    const { state, reader } = this.#turn;
    const isTrusted =
      reader.epoch === state.epoch && (state.epochState === 'active' || this.#mayStillTrust());
    if (isTrusted) return [this.#return(reader.value, 'from the cache')];
    return [this.#step('lost its epoch', { ...reader, at: 'select', value: 0, mayFill: false })];
  }

  #askStatuses(): Step {
    const { reader } = this.#turn;
    const isResolved = this.#haveEnded(reader.seen);
    return this.#step('asks statuses', {
      ...reader,
      at: 'select',
      mayFill: isResolved,
      isResolved,
    });
  }

  #select(): Step {
    const { state, reader } = this.#turn;
    const value = state.committed;
    return this.#step(`selects v${value}`, { ...reader, at: 'fill', value });
  }

  #fill(): Step {
    const { state, protocol, reader } = this.#turn;
    const { value: version, token, seen, epoch } = reader;
    const statusLast = protocol.readsRowFirst === true && seen !== null;
    const mayFill = statusLast ? this.#haveEnded(seen) : reader.mayFill;
    const message = ((): Message | undefined => {
      if (protocol.writes === 'set' || protocol.writes === 'delete') {
        return { do: 'set', version, epoch: state.epoch };
      }
      if (!mayFill) return undefined;
      return seen === null
        ? { do: 'fill', token, version, epoch }
        : { do: 'resolve', seen, version, epoch };
    })();
    return this.#return(
      version,
      'from the database',
      message === undefined ? state.messages : send(state, message),
    );
  }

  #return(version: number, from: string, messages = this.#turn.state.messages): Step {
    const { state, index, reader } = this.#turn;
    if (version < reader.floor) {
      const label = `R${index} returns v${version} ${from}, though v${reader.floor} was known`;
      return { label, state: 'violation' };
    }
    const floor = Math.max(state.floor, version);
    const next = { ...idle, readsLeft: reader.readsLeft };
    return this.#step(`returns v${version} ${from}`, next, { floor, messages });
  }

  #haveEnded(seen: PendingSeen | null): boolean {
    const { transactions } = this.#turn.state;
    return (
      seen?.writers.every((writer) => {
        const status = transactions[writer];
        return status === 'committed' || status === 'aborted';
      }) ?? false
    );
  }

  #mayStillTrust(): boolean {
    const { epochState, isDrained } = this.#turn.state;
    return epochState === 'draining' && !isDrained;
  }

  #step(label: string, reader: ReaderState, patch: Partial<ModelState> = {}): Step {
    const { state, index } = this.#turn;
    const readers = replaceAt(state.readers, index, reader);
    return { label: `R${index} ${label}`, state: { ...state, ...patch, readers } };
  }
}
