import type { AppRouter } from '@throughline/api';
import { TRPCClientError } from '@trpc/client';
import { Call } from './call.ts';

/** What a call of the client rejects with; `data` is undefined where no answer of the service came. */
export type ThroughlineError = TRPCClientError<AppRouter>;

/** Whether a call of the client failed, as opposed to the caller's own code; narrows `err.data`. */
export function isThroughlineError(err: unknown): err is ThroughlineError {
  return err instanceof TRPCClientError;
}

/** How a call fails without a refusal of the service. */
export type ClientCode =
  | 'NO_ANSWER'
  | 'ANSWER_UNREADABLE'
  | 'DEADLINE_EXCEEDED'
  | 'ABORTED'
  | 'TOKEN_UNAVAILABLE'
  | 'CALL_INVALID';

/** What the client itself notes in the `meta` of an error. */
interface Notes {
  readonly clientCode?: ClientCode;
  readonly call?: Call;
  /** What came in place of an answer. */
  readonly response?: HttpAnswer;
}

/** An error of the client for whatever was thrown; one that is, is given the notes beside those that it has. */
export function clientError(cause: unknown, notes: Notes): ThroughlineError {
  const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
  return TRPCClientError.from(error, { meta: { ...notes } });
}

/** Why a call failed that the service did not refuse. */
export function clientCodeOf(err: ThroughlineError): ClientCode {
  const noted = err.meta?.['clientCode'];
  const code = clientCodes.find((known) => known === noted);
  if (code) return code;
  if (failedCallOf(err)?.isSent === false) return 'CALL_INVALID';
  const status = responseOf(err)?.status;
  if (status !== undefined) return gatewayStatuses.has(status) ? 'NO_ANSWER' : 'ANSWER_UNREADABLE';
  return err.cause instanceof SyntaxError ? 'ANSWER_UNREADABLE' : 'NO_ANSWER';
}

const clientCodes = [
  'ABORTED',
  'DEADLINE_EXCEEDED',
  'TOKEN_UNAVAILABLE',
  'CALL_INVALID',
] as const satisfies ClientCode[];

/** The call that an error ended, if it came as far as to be opened. */
export function failedCallOf({ meta }: ThroughlineError): Call | undefined {
  const call = meta?.['call'];
  return call instanceof Call ? call : undefined;
}

/** The parts of a `Response` that are looked at: that of an injected `fetch` may be of another class. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** The HTTP response that an error came with, if one came. */
export function responseOf({ meta }: ThroughlineError): HttpAnswer | undefined {
  return toHttpAnswer(meta?.['response']);
}

export function toHttpAnswer(value: unknown): HttpAnswer | undefined {
  return isHttpAnswer(value) ? value : undefined;
}

function isHttpAnswer(value: unknown): value is HttpAnswer {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;
}

/** Something in front of the service could not reach it. */
export const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
