import type { Step } from './explore.ts';
import { send } from './messages.ts';
import {
  homeOf,
  type Instance,
  type Message,
  type ModelState,
  type PendingSeen,
  type ReaderState,
  replaceAt,
  writerOf,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** Every step that some reader can take. */
export function readerSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  return state.readers.flatMap((reader, index) =>
    new ReaderTurn({ state, protocol, index, reader }).steps(),
  );
}

export const idleReader: ReaderState = {
  at: 'idle',
  floor: 0,
  token: 0,
  value: 0,
  seen: null,
  ended: [],
  mayFill: true,
  epoch: 0,
  leader: -1,
};

/** Where a load stands that may still be boarded. */
const boardable: Record<
  NonNullable<Protocol['boardsUntil']> | 'never',
  readonly ReaderState['at'][]
> = {
  never: [],
  LEASE: ['get'],
  SELECT: ['get', 'check', 'status', 'select'],
  // What this adds, so that a violation is one of its own.
  landing: ['get', 'fill'],
};

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

  steps(): Step<ModelState>[] {
    const { reader } = this.#turn;
    switch (reader.at) {
      case 'idle':
        return this.#turn.state.readsLeft === 0 ? [] : this.#begin();
      case 'get':
        return this.#get();
      case 'check':
        return [this.#check()];
      case 'status':
        return [this.#askStatuses()];
      case 'select':
        return [this.#select()];
      case 'fill':
        return [this.#fill()];
      case 'aboard':
        return [];
    }
  }

  #begin(): Step<ModelState>[] {
    const { protocol } = this.#turn;
    const state = { ...this.#turn.state, readsLeft: this.#turn.state.readsLeft - 1 };
    const turn = { ...this.#turn, state };
    const begun = { ...idleReader, floor: state.floor };
    const { readsLeft } = state;
    const steps = this.#boardable.map((leader) =>
      this.#step(
        `boards the load of reader ${leader}`,
        { ...begun, at: 'aboard', leader },
        { readsLeft },
      ),
    );
    const { number } = state.epoch;
    for (const epoch of protocol.hasEpochs === true ? [number, number - 1] : [number]) {
      if (!this.#mayBelieve(epoch)) continue;
      const get = { ...begun, at: 'get', epoch } as const;
      const isOneStep =
        protocol.isCoarse === true &&
        protocol.hasEpochs !== true &&
        protocol.boardsUntil === undefined;
      steps.push(
        ...(isOneStep
          ? new ReaderTurn({ ...turn, reader: get }).steps()
          : [this.#step('begins', get, { readsLeft })]),
      );
    }
    if (protocol.hasEpochs === true && protocol.isCoarse !== true) {
      const past = { ...begun, at: 'select', epoch: -1, mayFill: false } as const;
      steps.push(this.#step('begins past the cache', past, { readsLeft }));
    }
    return steps;
  }

  /** Whether a process can take the epoch for active: until its trust lease ends, it need not have heard more. */
  #mayBelieve(epoch: number): boolean {
    const { oldestTrusted, number } = this.#turn.state.epoch;
    const oldest = this.#turn.protocol.asksTrust === 'never' ? 0 : oldestTrusted;
    return epoch >= oldest && epoch <= number;
  }

  /** Readers of the same process whose load a read may share. */
  get #boardable(): number[] {
    const { state, protocol, index } = this.#turn;
    const may = boardable[protocol.boardsUntil ?? 'never'];
    return [...state.readers.keys()].filter((other) => {
      const at = state.readers[other]?.at;
      return other !== index && at !== undefined && may.includes(at);
    });
  }

  #get(): Step<ModelState>[] {
    const { state, protocol, reader } = this.#turn;
    const { primary, oldPrimary } = state;
    // Without epochs, or with nobody to compare identities, a reader may be connected to either.
    if (protocol.hasEpochs !== true || protocol.ignoresIdentity === true) {
      const steps = this.#answer(primary, 'primary');
      return oldPrimary === null ? steps : [...steps, ...this.#answer(oldPrimary, 'oldPrimary')];
    }
    const home = homeOf(state, reader.epoch);
    const instance = state[home];
    return instance === null ? [] : this.#answer(instance, home);
  }

  /** LEASE, or GET where there are no leases: it answers with the entry as it stands. */
  #answer(instance: Instance, home: 'primary' | 'oldPrimary'): Step<ModelState>[] {
    const { state, protocol, reader } = this.#turn;
    const { entry } = instance;
    const past = { ...reader, at: 'select', mayFill: false } as const;
    const isMarked = protocol.hasEpochs !== true || instance.mark === reader.epoch;
    if (!isMarked && protocol.readsMark === true) return [this.#step('finds no mark', past)];
    // Keys carry the epoch: what was written under another is not found.
    const isOther = protocol.hasEpochs === true && reader.epoch !== state.epoch.number;
    if (isOther && protocol.readsMark !== true) return [this.#step('misses', past)];
    switch (entry.is) {
      case 'value':
        return [this.#found(entry.version)];
      case 'pending': {
        const seen = { attempts: entry.attempts, nonce: entry.nonce };
        const at = protocol.readsRowFirst === true ? 'select' : 'status';
        return [this.#step('finds it pending', { ...reader, at, seen })];
      }
      case 'absent':
      case 'lease': {
        if (protocol.writes === 'set' || protocol.writes === 'delete') {
          return [this.#step('misses', { ...reader, at: 'select' })];
        }
        const mayLease = isMarked && (protocol.hasEpochs === true || state.oldPrimary === null);
        const steps = [];
        // Another's lease may have run out.
        if (mayLease) {
          const token = protocol.reusesTokens === true ? 1 : freshToken(state);
          const leased = { ...instance, entry: { is: 'lease', token } as const };
          const label = entry.is === 'lease' ? 'finds a lease run out, LEASEs' : 'misses, LEASEs';
          steps.push(this.#step(label, { ...reader, at: 'select', token }, { [home]: leased }));
        }
        if (!mayLease || entry.is === 'lease') steps.push(this.#step('misses', past));
        return steps;
      }
    }
  }

  /** Where nothing has to be asked after the reply and nobody can board, the read ends with it. */
  #found(version: number): Step<ModelState> {
    const { protocol, reader } = this.#turn;
    const asks = protocol.hasEpochs === true && (protocol.asksTrust ?? 'after the reply');
    if (asks === 'after the reply' || protocol.boardsUntil !== undefined) {
      return this.#step(`gets v${version}`, { ...reader, at: 'check', value: version });
    }
    return this.#return(version, 'from the cache');
  }

  #check(): Step<ModelState> {
    const { protocol, reader } = this.#turn;
    const isAsked = protocol.hasEpochs === true && protocol.asksTrust === undefined;
    if (!isAsked || this.#mayBelieve(reader.epoch)) {
      return this.#return(reader.value, 'from the cache');
    }
    return this.#step('lost its trust', { ...reader, at: 'select', value: 0, mayFill: false });
  }

  #askStatuses(): Step<ModelState> {
    const { protocol, reader } = this.#turn;
    const seen = reader.seen?.attempts ?? [];
    const ended = this.#endedOf(seen);
    const isPart = protocol.resolvesPart === true && ended.length > 0;
    const mayFill = ended.length === seen.length || isPart;
    // What will not be resolved need not be remembered.
    const kept = mayFill ? { ended } : { seen: null, ended: [] };
    return this.#step('asks statuses', { ...reader, at: 'select', mayFill, ...kept });
  }

  #select(): Step<ModelState> {
    const { state, protocol, reader } = this.#turn;
    const value = state.committed;
    if (protocol.isCoarse === true) {
      return new ReaderTurn({ ...this.#turn, reader: { ...reader, value } }).#fill();
    }
    return this.#step(`SELECTs v${value}`, { ...reader, at: 'fill', value });
  }

  #fill(): Step<ModelState> {
    const { state, reader } = this.#turn;
    const message = this.#fillMessage();
    const messages = message === undefined ? state.messages : send(state, message);
    return this.#return(reader.value, 'from the database', messages);
  }

  #fillMessage(): Message | undefined {
    const { protocol, reader, state } = this.#turn;
    const { value: version, token, seen, epoch } = reader;
    const isBlind = protocol.writes === 'set' || protocol.writes === 'delete';
    const isPast = epoch === -1 && protocol.fillsInBypass === true;
    if (isBlind || isPast) return { do: 'set', version, epoch: isPast ? -1 : state.epoch.number };
    if (!reader.mayFill) return undefined;
    if (seen === null) return { do: 'fill', token, version, epoch };
    const { attempts, nonce } = seen;
    const ended = protocol.readsRowFirst === true ? this.#endedOf(attempts) : reader.ended;
    if (protocol.readsRowFirst === true && ended.length < attempts.length) return undefined;
    return { do: 'resolve', nonce, seen: attempts, ended, version, epoch };
  }

  /** The read returns, and with it those that share its load. */
  #return(version: number, from: string, messages = this.#turn.state.messages): Step<ModelState> {
    const { state, protocol, index, reader } = this.#turn;
    const isAboard = (other: ReaderState) => other.leader === index;
    const label = `returns v${version} ${from}`;
    const known = Math.max(
      reader.floor,
      ...state.readers.map((other) => (isAboard(other) ? other.floor : 0)),
    );
    if (version < known) {
      const violation = `reader ${index} ${label}, though v${known} was known`;
      return { label: violation, state: 'violation' };
    }
    // The classic design is judged for staleness alone: of what is uncommitted it would show in four steps.
    if (version > state.committed && protocol.writes !== 'set') {
      return { label: `reader ${index} ${label}, which is not committed`, state: 'violation' };
    }
    const readers = state.readers.map((other, at) =>
      at === index || isAboard(other) ? idleReader : other,
    );
    // Until a write from outside is drained, nothing is promised of it.
    const floor = version === state.undrained ? state.floor : Math.max(state.floor, version);
    return { label: `reader ${index} ${label}`, state: { ...state, readers, floor, messages } };
  }

  #endedOf(attempts: PendingSeen['attempts']): number[] {
    const { writers } = this.#turn.state;
    return attempts.filter((attempt) => {
      const status = writers[writerOf(attempt)]?.transaction;
      return status === 'committed' || status === 'aborted';
    });
  }

  #step(label: string, reader: ReaderState, patch: Partial<ModelState> = {}): Step<ModelState> {
    const { state, index } = this.#turn;
    const readers = replaceAt(state.readers, index, reader);
    return { label: `reader ${index} ${label}`, state: { ...state, ...patch, readers } };
  }
}

/** One that no request has had, of all whose tokens still stand anywhere. */
function freshToken(state: ModelState): number {
  const used = new Set<number>();
  for (const instance of [state.primary, state.replica, state.oldPrimary]) {
    if (instance?.entry.is === 'lease') used.add(instance.entry.token);
  }
  for (const message of state.messages) if (message.do === 'fill') used.add(message.token);
  for (const { token } of state.readers) used.add(token);
  let token = 1;
  while (used.has(token)) token += 1;
  return token;
}
