import { homeOf, type Message, type ModelState } from './model-state.ts';
import type { Protocol } from './protocol.ts';

/**
 * The state without messages that will be refused whenever they arrive, so that they may as well be lost:
 *
 * - Those of an epoch whose mark is gone from its home. Marks only go up, so it will not come back.
 * - FILL of a lease that stands nowhere. Its token is that of one request, which has asked for its lease already.
 *   A reader whose lease stands nowhere has nothing to fill.
 * - RESOLVE, where the nonce has changed, and PUBLISH, where the attempt has left. An INTEND brings nonce and
 *   attempt, and each is sent before it is answered: so unless it is on its way once more, they will not come back.
 *
 * Nothing but the second holds where an older entry can come back from a replica, or where contents are compared,
 * which can come back.
 */
export function withoutVain(state: ModelState, protocol: Protocol): ModelState {
  if (protocol.reusesTokens === true) return state;
  const messages = state.messages.filter((message) => !isVain(state, message, protocol));
  const isWaiting = state.readers.some(({ token }) => token !== 0 && !isLeased(state, token));
  if (messages.length === state.messages.length && !isWaiting) return state;
  const readers = state.readers.map((reader) =>
    reader.token === 0 || isLeased(state, reader.token)
      ? reader
      : { ...reader, token: 0, mayFill: false },
  );
  return { ...state, messages, readers };
}

function isLeased({ primary, replica, oldPrimary }: ModelState, token: number): boolean {
  return [primary, replica, oldPrimary].some(
    (instance) => instance?.entry.is === 'lease' && instance.entry.token === token,
  );
}

function isVain(state: ModelState, message: Message, protocol: Protocol): boolean {
  if (message.do === 'set') return false;
  if (message.do === 'fill' && !isLeased(state, message.token)) return true;
  const canComeBack =
    protocol.comparesContent === true ||
    protocol.ignoresIdentity === true ||
    (protocol.hasEpochs !== true && (protocol.faults?.failovers ?? 0) > 0);
  if (canComeBack) return false;
  const instance =
    protocol.hasEpochs === true ? state[homeOf(state, message.epoch)] : state.primary;
  if (instance === null) return true;
  const { entry, mark } = instance;
  if (protocol.hasEpochs === true && mark !== message.epoch && protocol.ignoresMark !== true) {
    return true;
  }
  const isOnItsWay = (attempt: number) =>
    state.messages.some((other) => other.do === 'intend' && other.attempt === attempt);
  switch (message.do) {
    case 'intend':
    case 'fill':
      return false;
    case 'resolve':
      return (
        !(entry.is === 'pending' && entry.nonce === message.nonce) && !isOnItsWay(message.nonce)
      );
    case 'publish':
      return (
        !(entry.is === 'pending' && entry.attempts.includes(message.attempt)) &&
        !isOnItsWay(message.attempt)
      );
  }
}
