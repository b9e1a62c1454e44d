import type { Step } from './explore.ts';
import type { ListEntry, ListMessage, ListState, PageEntry } from './list-protocol.ts';

/** What INTEND makes of a list's entry. */
export function intended(entry: ListEntry, writer: number): ListEntry {
  const others = entry.is === 'pending' ? entry.writers.filter((other) => other !== writer) : [];
  return { is: 'pending', writers: [...others, writer].sort((a, b) => a - b), nonce: writer };
}

/** A set of messages: sending one that is on its way already changes nothing. */
export function sent(state: ListState, message: ListMessage): readonly ListMessage[] {
  const code = codeOf(message);
  const isSent = state.messages.some((other) => codeOf(other) === code);
  return isSent ? state.messages : [...state.messages, message];
}

export function listMessageSteps(state: ListState): Step<ListState>[] {
  return state.messages.flatMap((message) => {
    const patch = executed(state, message);
    if (patch === undefined) return [];
    const messages = state.messages.filter((other) => other !== message);
    const label = `${message.do.toUpperCase()} is executed`;
    return [{ label, state: { ...state, ...patch, messages } }];
  });
}

/** What changes; undefined where the message is refused. */
function executed(
  { entry, pages }: ListState,
  message: ListMessage,
): Partial<ListState> | undefined {
  switch (message.do) {
    case 'fill':
      return entry.is === 'lease' && entry.token === message.token
        ? { entry: { is: 'value', version: message.version } }
        : undefined;
    case 'intend':
      return { entry: intended(entry, message.writer) };
    case 'publish':
      return without(entry, [message.writer]);
    case 'resolve': {
      if (entry.is !== 'pending' || entry.nonce !== message.nonce) return undefined;
      const { version, ended } = message;
      return version === 0 ? without(entry, ended) : { entry: { is: 'value', version } };
    }
    case 'fill page': {
      const page = pages.get(message.version);
      const isMine = page?.is === 'lease' && page.token === message.token;
      if (!isMine && message.token !== 0) return undefined;
      return { pages: withPage(pages, message.version, { is: 'value', moves: message.moves }) };
    }
  }
}

/** The last writer that leaves a list leaves nothing behind. */
function without(entry: ListEntry, gone: readonly number[]): Partial<ListState> | undefined {
  if (entry.is !== 'pending') return undefined;
  const writers = entry.writers.filter((writer) => !gone.includes(writer));
  if (writers.length === entry.writers.length) return undefined;
  return { entry: writers.length === 0 ? { is: 'absent' } : { ...entry, writers } };
}

export function withPage(
  pages: ListState['pages'],
  version: number,
  page: PageEntry,
): ListState['pages'] {
  return new Map([...pages, [version, page]]);
}

export function maskOf(writers: readonly number[]): number {
  return writers.reduce((mask, writer) => mask | (1 << writer), 0);
}

export function codeOf(message: ListMessage): number {
  switch (message.do) {
    case 'fill':
      return packed(0, message.version, message.token);
    case 'resolve':
      return packed(1, message.version, maskOf(message.ended) * 2 + message.nonce);
    case 'intend':
      return packed(2, 0, message.writer);
    case 'publish':
      return packed(3, 0, message.writer);
    case 'fill page':
      return packed(4, message.version, message.token * 4 + message.moves);
  }
}

function packed(kind: number, version: number, more: number): number {
  return (more << 8) | (version << 3) | kind;
}
