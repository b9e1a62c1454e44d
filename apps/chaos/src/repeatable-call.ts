import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LoadParts } from './readers.ts';
import type { Answer } from './service-client.ts';

/** A mutation that may be sent again, as its idempotency key says that it is the same. */
export interface RepeatableCall {
  readonly path: string;
  readonly input: unknown;
  readonly key: string;
}

const triesMax = 5;
const pauseMs = { min: 50, max: 600 };

/** Sends it again, to any server, until its outcome is known; `unknown` only if it still is not after that. */
export async function callUntilKnown(parts: LoadParts, call: RepeatableCall): Promise<Answer> {
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
export async function contradictionOnRepeat(
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
