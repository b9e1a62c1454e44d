import type { Step } from './explore.ts';
import { sent, withPage } from './list-messages.ts';
import {
  idleListReader,
  type ListMessage,
  type ListProtocol,
  type ListReader,
  type ListState,
} from './list-protocol.ts';
import { replaceAt } from './model-state.ts';

/** Every step that some reader of the list can take. */
export function listReaderSteps(state: ListState, protocol: ListProtocol): Step<ListState>[] {
  return state.readers.flatMap((reader, index) =>
    new ListReaderTurn({ state, protocol, index, reader }).steps(),
  );
}

interface Turn {
  readonly state: ListState;
  readonly protocol: ListProtocol;
  readonly index: number;
  readonly reader: ListReader;
}

class ListReaderTurn {
  readonly #turn: Turn;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  steps(): Step<ListState>[] {
    const { state, reader, protocol } = this.#turn;
    switch (reader.at) {
      case 'idle': {
        if (state.readsLeft === 0) return [];
        const begun = { ...state, readsLeft: state.readsLeft - 1 };
        const turn = { ...this.#turn, state: begun };
        return new ListReaderTurn({
          ...turn,
          reader: { ...reader, floor: state.committed },
        }).#begin();
      }
      case 'guess':
        return this.#compareGuess();
      case 'page':
        return this.#getPage();
      case 'select':
        return protocol.readsVersionLast === true
          ? [this.#step('SELECTs the page', { ...reader, at: 'version', moves: state.committed })]
          : [this.#select()];
      case 'version':
        return [this.#fillUnderPresent()];
    }
  }

  #begin(): Step<ListState>[] {
    const { state, protocol, reader } = this.#turn;
    const { remembered } = state;
    if (protocol.remembersVersion === true && remembered !== 0) {
      return [
        this.#step('remembers the list version', { ...reader, at: 'page', version: remembered }),
      ];
    }
    const guessed = protocol.guessesVersion === true ? state.pages.get(remembered) : undefined;
    if (guessed?.is !== 'value') return this.#getVersion();
    const { moves } = guessed;
    const label = `gets the page of list version ${remembered}, which it saw last`;
    const guess = this.#step(label, { ...reader, at: 'guess', version: remembered, moves });
    return [guess, ...this.#getVersion()];
  }

  #compareGuess(): Step<ListState>[] {
    const { state, reader } = this.#turn;
    const { entry } = state;
    if (entry.is === 'value' && entry.version === reader.version) {
      return [this.#return(`gets list version ${entry.version}, as it guessed`, reader.moves)];
    }
    const unguessed = { ...reader, version: 0, moves: 0 };
    return new ListReaderTurn({ ...this.#turn, reader: unguessed }).#getVersion();
  }

  /** LEASE, which answers with the entry as it stands. */
  #getVersion(): Step<ListState>[] {
    const { state, reader } = this.#turn;
    const { entry } = state;
    switch (entry.is) {
      case 'value': {
        const { version } = entry;
        const patch = this.#remember(version);
        return [
          this.#step(`gets list version ${version}`, { ...reader, at: 'page', version }, patch),
        ];
      }
      case 'pending':
        return [this.#readPending(entry)];
      case 'absent':
        return [this.#draw()];
      case 'lease': {
        // It may have run out. If not, the version that this read draws would serve nobody else.
        const unshared = { ...reader, at: 'select', version: 0 } as const;
        return [this.#draw(), this.#step('finds the list leased', unshared)];
      }
    }
  }

  /** Leases the list, draws a version, sends FILL, and goes on with the version at once. */
  #draw(): Step<ListState> {
    const { state, reader } = this.#turn;
    const token = freshToken(state);
    const version = this.#newVersion();
    const messages = sent(state, { do: 'fill', token, version });
    const entry = { is: 'lease', token } as const;
    const patch = { entry, messages, ...this.#count(version), ...this.#remember(version) };
    const label = `LEASEs the list, draws list version ${version}`;
    return this.#step(label, { ...reader, at: 'page', version }, patch);
  }

  /** The statuses are asked, then the page is selected past all entries; so it is of that very moment. */
  #readPending({ writers, nonce }: { writers: readonly number[]; nonce: number }): Step<ListState> {
    const { state } = this.#turn;
    const ended = writers.filter((writer) => state.writers[writer] !== 'intended');
    const isWhole = ended.length === writers.length;
    const version = isWhole ? this.#newVersion() : 0;
    const resolve: ListMessage = { do: 'resolve', nonce, ended, version };
    const patch = ended.length === 0 ? {} : { messages: sent(state, resolve) };
    const counted = isWhole ? this.#count(version) : {};
    return this.#return('SELECTs past the pending list', state.committed, { ...patch, ...counted });
  }

  #getPage(): Step<ListState>[] {
    const { state, reader } = this.#turn;
    const { version } = reader;
    const page = state.pages.get(version);
    if (page?.is === 'value') {
      return [this.#return(`gets the page of list version ${version}`, page.moves)];
    }
    const token = freshToken(state);
    const pages = withPage(state.pages, version, { is: 'lease', token });
    const label = `LEASEs the page of list version ${version}`;
    const leased = this.#step(label, { ...reader, at: 'select', token }, { pages });
    if (page === undefined) return [leased];
    return [leased, this.#step('finds the page leased', { ...reader, at: 'select', version: 0 })];
  }

  #select(): Step<ListState> {
    const { state, reader } = this.#turn;
    const { version, token } = reader;
    const moves = state.committed;
    const fill: ListMessage = { do: 'fill page', version, token, moves };
    const patch = version === 0 || token === 0 ? {} : { messages: sent(state, fill) };
    return this.#return('SELECTs the page', moves, patch);
  }

  #fillUnderPresent(): Step<ListState> {
    const { state, reader } = this.#turn;
    const { moves } = reader;
    const version = state.entry.is === 'value' ? state.entry.version : 0;
    const fill: ListMessage = { do: 'fill page', version, token: 0, moves };
    const patch = version === 0 ? {} : { messages: sent(state, fill) };
    return this.#return(`stores it under list version ${version}`, moves, patch);
  }

  #newVersion(): number {
    const { state, protocol } = this.#turn;
    return protocol.countsVersions === true ? state.count + 1 : freshVersion(state);
  }

  #count(count: number): Partial<ListState> {
    return this.#turn.protocol.countsVersions === true ? { count } : {};
  }

  #remember(remembered: number): Partial<ListState> {
    const { remembersVersion, guessesVersion } = this.#turn.protocol;
    return remembersVersion === true || guessesVersion === true ? { remembered } : {};
  }

  /** A page is of a moment within its read if it shows all moves that had been made when the read began. */
  #return(label: string, moves: number, patch: Partial<ListState> = {}): Step<ListState> {
    const { index, reader } = this.#turn;
    const missing = reader.floor & ~moves;
    if (missing === 0) return this.#step(`${label}, returns it`, idleListReader, patch);
    const writer = missing === 2 ? 1 : 0;
    const violation = `reader ${index} ${label}, returns it without the move of writer ${writer}`;
    return { label: violation, state: 'violation' };
  }

  #step(label: string, reader: ListReader, patch: Partial<ListState> = {}): Step<ListState> {
    const { state, index } = this.#turn;
    const readers = replaceAt(state.readers, index, reader);
    return { label: `reader ${index} ${label}`, state: { ...state, ...patch, readers } };
  }
}

/** One that no request has had, of all that still stand anywhere. */
function freshToken({ entry, pages, messages, readers }: ListState): number {
  const used = new Set(readers.map(({ token }) => token));
  if (entry.is === 'lease') used.add(entry.token);
  for (const page of pages.values()) if (page.is === 'lease') used.add(page.token);
  for (const message of messages) if ('token' in message) used.add(message.token);
  return smallestBut(used);
}

/** A random one: nobody has it, and nothing stands under it. */
function freshVersion({ entry, pages, messages, readers, remembered }: ListState): number {
  const used = new Set([...pages.keys(), ...readers.map(({ version }) => version), remembered]);
  if (entry.is === 'value') used.add(entry.version);
  for (const message of messages) if ('version' in message) used.add(message.version);
  return smallestBut(used);
}

function smallestBut(used: ReadonlySet<number>): number {
  let free = 1;
  while (used.has(free)) free += 1;
  return free;
}
