import type { Model, Step } from './explore.ts';
import { codeOf, intended, listMessageSteps, maskOf, sent } from './list-messages.ts';
import { idleListReader, type ListProtocol, type ListState } from './list-protocol.ts';
import { listReaderSteps } from './list-reader-steps.ts';
import { replaceAt } from './model-state.ts';
import type { StateBytes } from './state-set.ts';

/**
 * One list, two products that move into it or out of it, and readers of one page of it: a page has to show the
 * membership of some moment within its read. Steps are joined as in the coarse model of a record; the epochs are
 * those of a record too. The products on a page are read as records, each through its own entry: what is promised
 * of each key holds if it holds of every key alone, for linearizability is local.
 */
export function listModel(protocol: ListProtocol): Model<ListState> {
  return {
    initial: {
      committed: 0,
      writers: ['idle', 'idle'],
      readers: [idleListReader, idleListReader],
      readsLeft: protocol.reads,
      entry: { is: 'absent' },
      pages: new Map(),
      messages: [],
      evictionsLeft: protocol.evictions ?? 0,
      count: 0,
      remembered: 0,
    },
    steps: (state) =>
      [writerSteps, listReaderSteps, listMessageSteps, evictionSteps].flatMap((each) =>
        each(state, protocol),
      ),
    tidied: (state) => tidied(state, protocol),
    write,
  };
}

function writerSteps(state: ListState, protocol: ListProtocol): Step<ListState>[] {
  return state.writers.flatMap((at, writer) => {
    const to = (
      next: ListState['writers'][number],
      label: string,
      patch: Partial<ListState> = {},
    ): Step<ListState> => ({
      label: `writer ${writer} ${label}`,
      state: { ...state, ...patch, writers: replaceAt(state.writers, writer, next) },
    });
    const committed = state.committed | (1 << writer);
    const publish = { messages: sent(state, { do: 'publish', writer }) };
    if (at === 'idle' && protocol.intendsNothing === true) {
      return [to('committed', 'COMMITs its move', { committed })];
    }
    if (at === 'idle') {
      const entry = intended(state.entry, writer);
      const messages = sent(state, { do: 'intend', writer });
      return [
        to('intended', 'INTENDs the list', { entry }),
        to('aborted', 'gives INTEND up and rolls back', { messages }),
      ];
    }
    if (at !== 'intended') return [];
    return [
      to('committed', 'COMMITs its move, PUBLISHes', { ...publish, committed }),
      to('aborted', 'ABANDONs and rolls back', publish),
    ];
  });
}

function evictionSteps(state: ListState, { countsVersions }: ListProtocol): Step<ListState>[] {
  if (state.evictionsLeft === 0) return [];
  const left = { ...state, evictionsLeft: state.evictionsLeft - 1 };
  const steps: Step<ListState>[] = [];
  if (state.entry.is === 'value') {
    const count = countsVersions === true ? 0 : state.count;
    const label = 'the list version is evicted';
    steps.push({ label, state: { ...left, count, entry: { is: 'absent' } } });
  }
  for (const version of state.pages.keys()) {
    const pages = new Map([...state.pages].filter(([other]) => other !== version));
    steps.push({ label: 'a page is evicted', state: { ...left, pages } });
  }
  return steps;
}

/**
 * The state without what nobody can ask for any more: messages that will be refused, as with those of a record,
 * and pages under a random version that nobody knows and nobody will draw again.
 */
function tidied(state: ListState, { countsVersions }: ListProtocol): ListState {
  const { entry, readers, remembered } = state;
  const isOnItsWay = (writer: number) =>
    state.messages.some((message) => message.do === 'intend' && message.writer === writer);
  const messages = state.messages.filter((message) => {
    switch (message.do) {
      case 'fill':
        return entry.is === 'lease' && entry.token === message.token;
      case 'publish':
        return (
          (entry.is === 'pending' && entry.writers.includes(message.writer)) ||
          isOnItsWay(message.writer)
        );
      case 'resolve':
        return (
          (entry.is === 'pending' && entry.nonce === message.nonce) || isOnItsWay(message.nonce)
        );
      case 'fill page':
      case 'intend':
        return true;
    }
  });
  const known = new Set([remembered, ...readers.map(({ version }) => version)]);
  if (entry.is === 'value') known.add(entry.version);
  for (const message of messages) {
    if (message.do === 'fill' || message.do === 'resolve') known.add(message.version);
  }
  const isKnown = (version: number) => countsVersions === true || known.has(version);
  return {
    ...state,
    messages: messages.filter((message) => message.do !== 'fill page' || isKnown(message.version)),
    pages: new Map([...state.pages].filter(([version]) => isKnown(version))),
  };
}

function write(state: ListState, bytes: StateBytes): void {
  const { entry } = state;
  bytes.push(state.committed);
  bytes.push(state.readsLeft);
  bytes.push(state.evictionsLeft);
  bytes.push(state.count);
  bytes.push(state.remembered);
  for (const writer of state.writers) {
    bytes.push(['idle', 'intended', 'committed', 'aborted'].indexOf(writer));
  }
  for (const { at, floor, version, token, moves } of state.readers) {
    bytes.push(['idle', 'page', 'select', 'version', 'guess'].indexOf(at));
    for (const field of [floor, version, token, moves]) bytes.push(field);
  }
  bytes.push(['absent', 'value', 'lease', 'pending'].indexOf(entry.is));
  if (entry.is === 'value') bytes.push(entry.version);
  if (entry.is === 'lease') bytes.push(entry.token);
  if (entry.is === 'pending') bytes.push(maskOf(entry.writers) * 2 + entry.nonce);
  bytes.push(state.pages.size);
  for (const [version, page] of [...state.pages].sort(([one], [other]) => one - other)) {
    bytes.push(version);
    bytes.push(page.is === 'lease' ? page.token * 2 : page.moves * 2 + 1);
  }
  for (const code of state.messages.map(codeOf).sort((a, b) => a - b)) bytes.pushLong(code);
}
