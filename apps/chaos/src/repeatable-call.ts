import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { History } from './history.ts';
import type { Times, Operation } from './operation.ts';
import type { LoadParts } from './readers.ts';
import type { Answer } from './service-client.ts';

/** A mutation that may be sent again, as its idempotency key says that it is the same. */
interface RepeatableCall {
  readonly path: string;
  readonly input: unknown;
  readonly key: string;
}

/** A write that was sent, and what became of it. */
export interface SentWrite {
  readonly answer: Answer;
  readonly times: Times;
  /** When it was sent. */
  readonly moment: History['now'];
  /** Present where it may be sent again. */
  readonly repeatable?: RepeatableCall | undefined;
}

/** How many writes carry an idempotency key, and how many of these are repeated although they were answered. */
const [keyedRatio, repeatedRatio] = [0.5, 0.2];
const triesMax = 5;
const pauseMs = { min: 50, max: 600 };

/** Sends a mutation of products, with a key or without one. */
export async function sendWrite(
  parts: LoadParts,
  { kind, path, input }: { readonly kind: string; readonly path: string; readonly input: unknown },
): Promise<SentWrite> {
  const { bed, history, random, tally } = parts;
  const isKeyed = random.next() < keyedRatio;
  const key = `${random.between(0, 2 ** 31)}-${random.between(0, 2 ** 31)}`;
  const call = { path: `product.${path}`, input, key };
  const { name, url } = bed.door(random);
  const moment = history.now;
  const beganMs = performance.now();
  const answer = isKeyed
    ? await callUntilKnown(parts, call)
    : await bed.client.mutate(url, call.path, { input });
  const what = isKeyed ? `${kind} with a key` : `${kind} at ${name}`;
  tally.count('operations', kind);
  if (answer.outcome !== 'answered') {
    const isOpen = answer.outcome === 'unknown';
    tally.count('refusedWrites', `${answer.code}${isOpen ? ' (unknown)' : ''}`);
  }
  const times = { what, beganMs, endedMs: performance.now() };
  return { answer, times, moment, repeatable: isKeyed ? call : undefined };
}

/** Sends some of what was answered again, and reports where that is answered otherwise. */
export async function repeatSome(
  parts: LoadParts,
  { repeatable }: SentWrite,
  first: { readonly operation: Operation; readonly value: unknown },
): Promise<void> {
  if (repeatable === undefined || parts.random.next() > repeatedRatio) return;
  const contradiction = await contradictionOnRepeat(parts, repeatable, first.value);
  if (contradiction !== undefined) parts.history.repeatedOtherwise(first.operation, contradiction);
}

/** Sends it again, to any server, until its outcome is known; `unknown` only if it still is not after that. */
async function callUntilKnown(parts: LoadParts, call: RepeatableCall): Promise<Answer> {
  const { random, signal, tally } = parts;
  for (let tries = 1; ; tries += 1) {
    const answer = await send(parts, call);
    if (answer.outcome === 'answered') return answer;
    if (answer.outcome === 'refused') {
      // What was sent before may be made after this refusal, by a server that stood still.
      return tries === 1 ? answer : { ...answer, outcome: 'unknown' };
    }
    if (tries === triesMax || signal.aborted) return answer;
    tally.count('repeats', 'after an unknown outcome');
    await delay(random.between(pauseMs.min, pauseMs.max));
  }
}

/** Sends again what was acknowledged: says how the answer contradicts the first one, if it does. */
async function contradictionOnRepeat(
  parts: LoadParts,
  call: RepeatableCall,
  first: unknown,
): Promise<string | undefined> {
  const answer = await send(parts, call);
  parts.tally.count('repeats', 'after an answer');
  if (answer.outcome === 'answered') {
    if (isDeepStrictEqual(answer.value, first)) return undefined;
    return `${JSON.stringify(first)}, then ${JSON.stringify(answer.value)}`;
  }
  const isAllowed = answer.outcome === 'unknown' || answer.isRetryable;
  return isAllowed ? undefined : `${JSON.stringify(first)}, then ${answer.code}`;
}

async function send(
  { bed, random }: LoadParts,
  { path, input, key }: RepeatableCall,
): Promise<Answer> {
  return bed.client.mutate(bed.door(random).url, path, { input, key });
}
