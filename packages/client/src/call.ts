import type { Operation } from '@trpc/client';
import { limits } from './limits.ts';

/** What is known of one call on its way through the links, in all its attempts. */
export class Call {
  /** What a mutation is named by, so that it takes place once however often it is sent. */
  readonly idempotencyKey: string | undefined;
  readonly deadlineMs: number | undefined;
  /** What continues the trace of the caller. */
  readonly traceHeaders: Readonly<Record<string, string>>;
  /** Whether an attempt was sent that may have changed something, as far as is known by now. */
  mayHaveChanged = false;
  /** Whether an attempt came as far as to be sent. What fails before does so each time. */
  isSent = false;

  constructor(parts: Pick<Call, 'idempotencyKey' | 'deadlineMs' | 'traceHeaders'>) {
    this.idempotencyKey = parts.idempotencyKey;
    this.deadlineMs = parts.deadlineMs;
    this.traceHeaders = parts.traceHeaders;
  }

  /** The headers of every attempt that are neither the caller's credentials nor the library's own. */
  get headers(): Record<string, string> {
    const { traceHeaders, idempotencyKey } = this;
    return {
      ...traceHeaders,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
  }
}

export interface CallSettings {
  readonly deadlineMs: number | undefined;
  readonly propagate: ((headers: Record<string, string>) => void) | undefined;
}

/** Throws a `TypeError` if the context of the call asks for what cannot be. */
export function openCall(op: Operation, { deadlineMs, propagate }: CallSettings): Call {
  const headers: Record<string, string> = {};
  propagate?.(headers);
  return new Call({
    idempotencyKey: takesKey(op) ? toKey(op.context['idempotencyKey']) : undefined,
    deadlineMs: toDeadlineMs(op.context['deadlineMs'] ?? deadlineMs),
    traceHeaders: toTraceHeaders(headers),
  });
}

/** Two names that differ in their case are one header, with both values. */
function toTraceHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return Object.fromEntries(named.filter(([name]) => !ownHeaders.has(name)));
}

/** What the client and its library say of a request, which nobody else may. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept',
  'authorization',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'trpc-accept',
]);

/** The context of an operation with its call in it. */
export function withCall(op: Operation, call: Call): Operation['context'] {
  return { ...op.context, [contextKey]: call };
}

/** What `openCall` made at the beginning. */
export function callOf({ context }: Operation): Call {
  const call = context[contextKey];
  if (call instanceof Call) return call;
  throw new TypeError('An operation has passed the link that opens its call.');
}

const contextKey = 'throughline.call';

export function isUnaryMutation({ type, path }: Operation): boolean {
  return type === 'mutation' && path !== streamedMutation;
}

/** Its answer comes bit by bit, which only the streaming link can take. */
const streamedMutation = 'cache.warm';

/** The service keeps the keys of changes to the catalogue. With work on the cache one would promise what it does not do. */
function takesKey({ type, path }: Operation): boolean {
  return type === 'mutation' && !path.startsWith('cache.');
}

function toKey(value: unknown): string {
  if (value === undefined) return freshKey();
  if (typeof value === 'string' && /^[!-~]{1,128}$/.test(value)) return value;
  throw new TypeError('An idempotencyKey must be 1 to 128 visible ASCII characters.');
}

/** 128 random bits. Browsers have `crypto.randomUUID` only on pages that came over HTTPS. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function toDeadlineMs(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value > 0 && value <= limits.timerMsMax) return value;
  throw new TypeError(`A deadlineMs must be more than 0 and at most ${limits.timerMsMax}.`);
}
