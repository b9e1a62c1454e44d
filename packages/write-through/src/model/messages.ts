import type { Step } from './explore.ts';
import {
  absent,
  homeOf,
  type Instance,
  type Message,
  type ModelEntry,
  type ModelState,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** What INTEND makes of an entry. */
export function intended(entry: ModelEntry, attempt: number, protocol: Protocol): ModelEntry {
  if (entry.is === 'pending' && protocol.hasOneSlot !== true) {
    const attempts = [...new Set([...entry.attempts, attempt])].toSorted((a, b) => a - b);
    return { ...entry, attempts, nonce: attempt };
  }
  const best = entry.is === 'value' && protocol.forgetsValue !== true ? entry.version : 0;
  return { is: 'pending', attempts: [attempt], best, nonce: attempt };
}

/** A set of messages: sending one that is on its way already changes nothing. */
export function send(state: ModelState, ...messages: readonly Message[]): readonly Message[] {
  const byCode = new Map(state.messages.map((message) => [messageCode(message), message]));
  for (const message of messages) byCode.set(messageCode(message), message);
  return [...byCode.values()];
}

/** Tells messages apart by one number. With other names for attempts and tokens if asked. */
export function messageCode(message: Message, names: Names = ownNames): number {
  const epoch = message.epoch + 1;
  switch (message.do) {
    case 'set':
      return packed(0, epoch, message.version);
    case 'fill':
      return packed(1, epoch, message.version, names.token(message.token));
    case 'resolve':
      return packed(
        2,
        epoch,
        message.version,
        (maskOf(message.ended, names) << 9) |
          (maskOf(message.seen, names) << 3) |
          names.attempt(message.nonce),
      );
    case 'intend':
      return packed(3, epoch, names.attempt(message.attempt));
    case 'publish':
      return packed(
        4,
        epoch,
        message.version,
        names.attempt(message.attempt) * 2 + message.send - 1,
      );
  }
}

/** Other names for attempts and tokens, for states that differ in nothing but names. */
export interface Names {
  attempt(attempt: number): number;
  token(token: number): number;
}

const ownNames: Names = { attempt: (attempt) => attempt, token: (token) => token };

/** Up to six attempts, of three writers, as bits. */
export function maskOf(attempts: readonly number[], names: Names = ownNames): number {
  let mask = 0;
  for (const attempt of attempts) mask |= 1 << names.attempt(attempt);
  return mask;
}

/** Up to eight kinds, eight epochs, eight versions, and fifteen bits more. */
function packed(kind: number, epoch: number, version: number, more = 0): number {
  return (more << 9) | (version << 6) | (epoch << 3) | kind;
}

/** Every message that may be executed now, however late, its sender dead or not. */
export function messageSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  return state.messages.flatMap((message) =>
    homesOf(state, message, protocol).flatMap((home) => {
      const instance = state[home];
      const entry = instance === null ? undefined : executed(instance, message, protocol);
      if (instance === null || entry === undefined) return [];
      const messages = state.messages.filter((other) => other !== message);
      const label = messageLabel(message);
      return [{ label, state: { ...state, [home]: { ...instance, entry }, messages } }];
    }),
  );
}

function homesOf(
  state: ModelState,
  message: Message,
  { hasEpochs, ignoresIdentity }: Protocol,
): ('primary' | 'oldPrimary')[] {
  // Without epochs nothing is needed of the old primary but what it held.
  if (hasEpochs !== true) return state.oldPrimary === null ? ['primary'] : [];
  if (message.do === 'set') return ['primary'];
  return ignoresIdentity === true ? ['primary', 'oldPrimary'] : [homeOf(state, message.epoch)];
}

/** What the entry becomes; undefined where the message is refused, or changes nothing. */
export function executed(
  { entry, mark }: Instance,
  message: Message,
  protocol: Protocol,
): ModelEntry | undefined {
  const isMarked = mark === message.epoch || protocol.hasEpochs !== true;
  if (!isMarked && message.do !== 'set' && protocol.ignoresMark !== true) return undefined;
  switch (message.do) {
    case 'set':
      return { is: 'value', version: message.version };
    case 'fill': {
      const isMine = entry.is === 'lease' && entry.token === message.token;
      return isMine ? { is: 'value', version: message.version } : undefined;
    }
    case 'resolve': {
      if (entry.is !== 'pending') return undefined;
      const isSame =
        protocol.comparesContent === true
          ? entry.attempts.join() === message.seen.join()
          : entry.nonce === message.nonce;
      if (!isSame) return undefined;
      const { version, ended, seen } = message;
      if (ended.length === seen.length) return version > 0 ? { is: 'value', version } : absent;
      return left(entry, ended, version);
    }
    case 'intend':
      return intended(entry, message.attempt, protocol);
    case 'publish':
      return entry.is === 'pending' && entry.attempts.includes(message.attempt)
        ? left(entry, [message.attempt], message.version)
        : undefined;
  }
}

/** What remains when attempts leave. */
function left(
  entry: Extract<ModelEntry, { is: 'pending' }>,
  gone: readonly number[],
  version: number,
): ModelEntry {
  const best = Math.max(entry.best, version);
  const attempts = entry.attempts.filter((attempt) => !gone.includes(attempt));
  if (attempts.length > 0) return { ...entry, attempts, best };
  return best > 0 ? { is: 'value', version: best } : absent;
}

function messageLabel(message: Message): string {
  const from =
    message.do === 'intend' || message.do === 'publish' ? ` ${message.attempt >> 1}` : '';
  const what =
    message.do === 'publish' && message.version === 0 ? 'ABANDON' : message.do.toUpperCase();
  const version = 'version' in message && message.version > 0 ? ` of v${message.version}` : '';
  return `${what}${version}${from === '' ? '' : ` by writer${from}`} is executed`;
}
