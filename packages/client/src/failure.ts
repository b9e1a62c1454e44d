import type { ErrorDetailsByCode } from '@throughline/api';
import {
  type ClientCode,
  clientCodeOf,
  failedCallOf,
  isThroughlineError,
  type ThroughlineError,
} from './client-error.ts';
import { isServiceCode, type ServiceCode } from './service-codes.ts';

/** How a call failed: `switch` over `code` knows every way, and what stands beside it. */
export type Failure = {
  readonly [Code in FailureCode]: FailureFacts & { readonly code: Code } & FailureDetails<Code>;
}[FailureCode];

/**
 * The codes of docs/errors.md, those of the client, and `UNKNOWN_CODE`: a newer service has refused the call with a
 * `serviceCode` that this release does not know.
 */
export type FailureCode = ServiceCode | ClientCode | 'UNKNOWN_CODE';

/** What is known of every failure. */
export interface FailureFacts {
  /** For people; it may change. */
  readonly message: string;
  /** Whether the same call may succeed if it is made again after a pause, with its `idempotencyKey` if it has one. */
  readonly retryable: boolean;
  /** Whether the call has changed something: it has not, or nobody knows. A query never does. */
  readonly outcome: 'unchanged' | 'unknown';
  /**
   * What a mutation was sent with. The same call with `context: { idempotencyKey }` takes place once, and tells what
   * became of it. Undefined for queries, subscriptions, the mutations of `cache`, and calls that were not begun.
   */
  readonly idempotencyKey: string | undefined;
  /** The error as it was thrown. */
  readonly error: ThroughlineError;
}

/** What is known of a failure by its code. */
type FailureDetails<Code extends FailureCode> = Code extends keyof OwnDetails
  ? OwnDetails[Code]
  : Code extends ServiceCode
    ? Omit<ErrorDetailsByCode[Code], 'retryable' | 'outcome'>
    : object;

interface OwnDetails {
  /** What is wrong with which field of the input, and with the input as a whole. */
  readonly INPUT_INVALID: {
    readonly fieldErrors: Readonly<Record<string, readonly string[] | undefined>>;
    readonly formErrors: readonly string[];
  };
  readonly UNKNOWN_CODE: { readonly serviceCode: string };
}

/** The codes with nothing beside them. */
type PlainCode = {
  [Code in FailureCode]: keyof FailureDetails<Code> extends never ? Code : never;
}[FailureCode];

type PlainFailure = Extract<Failure, { readonly code: PlainCode }>;

/**
 * What a call of the client, or a subscription, failed with. An error that is not the client's is thrown on, as it is
 * a fault of the caller's own code.
 */
export function failureOf(err: unknown): Failure {
  if (!isThroughlineError(err)) throw err;
  const call = failedCallOf(err);
  const { message, data } = err;
  const facts = {
    message,
    outcome: call?.mayHaveChanged ? 'unknown' : 'unchanged',
    idempotencyKey: call?.idempotencyKey,
    error: err,
  } as const;
  if (data) return toRefusal(data, { ...facts, retryable: data.retryable === true });
  const code = clientCodeOf(err);
  const retryable = code === 'NO_ANSWER' || code === 'DEADLINE_EXCEEDED';
  return plainFailure(code, { ...facts, retryable });
}

type ErrorData = NonNullable<ThroughlineError['data']>;

/** A refusal without what its code promises is one of another release. */
function toRefusal(data: ErrorData, facts: FailureFacts): Failure {
  const { serviceCode, currentVersion, requiredScope, zodError } = data;
  const unknown = { ...facts, code: 'UNKNOWN_CODE', serviceCode } as const;
  if (!isServiceCode(serviceCode)) return unknown;
  switch (serviceCode) {
    case 'VERSION_CONFLICT':
      return currentVersion === undefined
        ? unknown
        : { ...facts, code: serviceCode, currentVersion };
    case 'SCOPE_MISSING':
      return requiredScope === undefined ? unknown : { ...facts, code: serviceCode, requiredScope };
    case 'INPUT_INVALID':
      return zodError === undefined ? unknown : { ...facts, ...zodError, code: serviceCode };
    default:
      return plainFailure(serviceCode, facts);
  }
}

/** The signature stands apart as one member for each code is more than the compiler tries one by one. */
function plainFailure(code: PlainCode, facts: FailureFacts): PlainFailure;
function plainFailure(code: PlainCode, facts: FailureFacts): FailureFacts & { code: PlainCode } {
  return { ...facts, code };
}
