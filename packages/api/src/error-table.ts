import type * as repository from '@throughline/product-repository';
import type * as engine from '@throughline/write-through';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import type * as access from './access-errors.ts';
import { requestLimits } from './request-limits.ts';

/** What an error tells beside its codes. Fields that do not apply are absent. */
export interface ErrorDetails {
  /** The version that the product has, where `expectedVersion` did not match. */
  readonly currentVersion?: number;
  /** Nothing was committed, or the call carried an idempotency key: the same call may be sent again. */
  readonly retryable?: true;
  /** The call may or may not have been committed. */
  readonly outcome?: 'unknown';
  /** The scope that the token lacks. */
  readonly requiredScope?: string;
  /** What is wrong with which field of the input. */
  readonly zodError?: FlattenedInputError;
}

interface FlattenedInputError {
  readonly formErrors: string[];
  readonly fieldErrors: Record<string, string[] | undefined>;
}

/** How an error is answered. What an error says itself is public only where its answer asks for it. */
export interface ErrorAnswer<E = never> {
  readonly trpcCode: TRPC_ERROR_CODE_KEY;
  readonly message: string | ((err: E) => string);
  readonly details?: ErrorDetails | ((err: E) => ErrorDetails);
  /** Takes the place of `details` where the call carried an idempotency key. */
  readonly detailsWithKey?: ErrorDetails;
  /** Where HTTP has a better status than the one of the tRPC code. */
  readonly httpStatus?: number;
}

/** Every error class of a module that may reach the edge: those with a literal `code`. */
type ErrorsOf<Module> = {
  [Name in keyof Module]: Module[Name] extends new (...parameters: never[]) => infer E
    ? E extends Error & { readonly code: infer Code extends string }
      ? string extends Code
        ? never
        : E
      : never
    : never;
}[keyof Module];

export type ServiceError =
  ErrorsOf<typeof repository> | ErrorsOf<typeof engine> | ErrorsOf<typeof access>;
export type ServiceErrorCode = ServiceError['code'];

/** One answer for each code, made from an error of that very class. */
export type ServiceErrorTable = {
  readonly [Code in ServiceErrorCode]: ErrorAnswer<ErrorWith<Code>>;
};
export type ErrorWith<Code extends ServiceErrorCode> = Extract<ServiceError, { code: Code }>;

/** The sentences of the repository's errors are made of what the caller sent, and written for it. */
const ownMessage = (err: Error) => err.message;

/** The answer to every error class of the house: one that is missing here does not compile. */
export const serviceErrorTable = {
  PRODUCT_NOT_FOUND: { trpcCode: 'NOT_FOUND', message: ownMessage },
  CATEGORY_NOT_FOUND: { trpcCode: 'NOT_FOUND', message: ownMessage },
  SKU_TAKEN: { trpcCode: 'CONFLICT', message: ownMessage },
  SLUG_TAKEN: { trpcCode: 'CONFLICT', message: ownMessage },
  VERSION_CONFLICT: {
    trpcCode: 'CONFLICT',
    message: ownMessage,
    details: ({ currentVersion }) => ({ currentVersion }),
  },
  STOCK_INSUFFICIENT: { trpcCode: 'PRECONDITION_FAILED', message: ownMessage },
  STOCK_TOO_LARGE: { trpcCode: 'PRECONDITION_FAILED', message: ownMessage },
  IDEMPOTENCY_KEY_REUSED: { trpcCode: 'CONFLICT', message: ownMessage },
  CURSOR_INVALID: { trpcCode: 'BAD_REQUEST', message: ownMessage },
  CHANGES_NOT_KEPT: { trpcCode: 'PRECONDITION_FAILED', message: ownMessage },
  TOO_MANY_FOLLOWERS: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: ownMessage,
    details: { retryable: true },
  },
  CACHE_UNAVAILABLE: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'The cache is away; nothing was changed.',
    details: { retryable: true },
  },
  DATABASE_UNAVAILABLE: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'The database is away; nothing was changed.',
    details: { retryable: true },
  },
  DATABASE_OVERLOADED: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'Too many calls wait for the database; nothing was changed.',
    details: { retryable: true },
  },
  WRITE_CONTENDED: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'Other writes came first too often; nothing was changed.',
    details: { retryable: true },
  },
  COMMIT_OUTCOME_UNKNOWN: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'The change may or may not have been made.',
    details: { outcome: 'unknown' },
    detailsWithKey: { retryable: true },
  },
  CALL_ABANDONED: {
    trpcCode: 'CLIENT_CLOSED_REQUEST',
    message: 'The caller had gone before this began; nothing was changed.',
    details: { retryable: true },
  },
  TOKEN_MISSING: { trpcCode: 'UNAUTHORIZED', message: 'This call needs a bearer token.' },
  TOKEN_REJECTED: { trpcCode: 'UNAUTHORIZED', message: 'The credentials are not valid.' },
  TOKEN_UNVERIFIABLE: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'The token cannot be verified at the moment; nothing was changed.',
    details: { retryable: true },
  },
  SCOPE_MISSING: {
    trpcCode: 'FORBIDDEN',
    message: 'The token does not allow this call.',
    details: ({ requiredScope }) => ({ requiredScope }),
  },
  TOO_MANY_PRODUCTS: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'Too many products are being answered at the moment; nothing was changed.',
    details: { retryable: true },
  },
  RATE_LIMITED: {
    trpcCode: 'TOO_MANY_REQUESTS',
    message: 'Too many requests; nothing was changed.',
    details: { retryable: true },
  },
} as const satisfies ServiceErrorTable;

/** The answers to requests that never become a call, and to what nobody foresaw. */
export const requestErrorTable = {
  INPUT_INVALID: {
    trpcCode: 'BAD_REQUEST',
    message: 'The input is not valid; data.zodError tells where.',
  },
  REQUEST_MALFORMED: { trpcCode: 'BAD_REQUEST', message: 'The request cannot be understood.' },
  IDEMPOTENCY_KEY_INVALID: {
    trpcCode: 'BAD_REQUEST',
    message: 'Idempotency-Key must be one header of 1 to 128 visible ASCII characters.',
  },
  IDEMPOTENCY_KEY_BATCHED: {
    trpcCode: 'BAD_REQUEST',
    message: 'A mutation with an Idempotency-Key must be sent alone, not in a batch of several.',
  },
  BATCH_TOO_LARGE: {
    trpcCode: 'BAD_REQUEST',
    message: `The batch has too many calls; at most ${requestLimits.batchCallsMax} go in one.`,
  },
  URL_TOO_LONG: {
    trpcCode: 'BAD_REQUEST',
    message: `The URL is too long; at most ${requestLimits.urlBytesMax} bytes are accepted.`,
    httpStatus: 414,
  },
  BODY_TOO_LARGE: {
    trpcCode: 'PAYLOAD_TOO_LARGE',
    message: `The body is too large; at most ${requestLimits.bodyBytesMax} bytes are accepted.`,
  },
  PATH_NOT_FOUND: { trpcCode: 'NOT_FOUND', message: 'There is nothing at this path.' },
  PROCEDURE_NOT_FOUND: { trpcCode: 'NOT_FOUND', message: 'There is no such procedure.' },
  METHOD_UNSUPPORTED: {
    trpcCode: 'METHOD_NOT_SUPPORTED',
    message: 'The method does not fit: queries are GET, mutations are POST.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    trpcCode: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The body must be application/json.',
  },
  OVERLOADED: {
    trpcCode: 'SERVICE_UNAVAILABLE',
    message: 'The service has too much to do; nothing was changed.',
    details: { retryable: true },
  },
  INTERNAL: { trpcCode: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side.' },
} as const satisfies Record<string, ErrorAnswer>;

export type RequestErrorCode = keyof typeof requestErrorTable;

type ErrorTable = typeof serviceErrorTable & typeof requestErrorTable;

/** What every answer under a code tells beside its codes, as it is sent. */
type ErrorDetailsOf<Code extends ServiceErrorCode | RequestErrorCode> = Required<
  Pick<ErrorDetails, keyof TableDetails<Code> & keyof ErrorDetails>
>;

/** All of them by code; it has no parameter, so that it can be written out for those who install the client alone. */
export type ErrorDetailsByCode = {
  readonly [Code in ServiceErrorCode | RequestErrorCode]: ErrorDetailsOf<Code>;
};

type TableDetails<Code extends ServiceErrorCode | RequestErrorCode> = ErrorTable[Code] extends {
  readonly details: infer Details;
}
  ? Details extends (...parameters: never[]) => infer Made
    ? Made
    : Details
  : object;

/** What the library's own errors are to us; those that it never throws here would be a surprise. */
export const libraryErrorTable = {
  PARSE_ERROR: 'REQUEST_MALFORMED',
  BAD_REQUEST: 'REQUEST_MALFORMED',
  NOT_FOUND: 'PROCEDURE_NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_UNSUPPORTED',
  PAYLOAD_TOO_LARGE: 'BODY_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
  NOT_IMPLEMENTED: 'INTERNAL',
  BAD_GATEWAY: 'INTERNAL',
  SERVICE_UNAVAILABLE: 'INTERNAL',
  GATEWAY_TIMEOUT: 'INTERNAL',
  UNAUTHORIZED: 'INTERNAL',
  PAYMENT_REQUIRED: 'INTERNAL',
  FORBIDDEN: 'INTERNAL',
  TIMEOUT: 'INTERNAL',
  CONFLICT: 'INTERNAL',
  PRECONDITION_FAILED: 'INTERNAL',
  UNPROCESSABLE_CONTENT: 'INTERNAL',
  PRECONDITION_REQUIRED: 'INTERNAL',
  TOO_MANY_REQUESTS: 'INTERNAL',
  CLIENT_CLOSED_REQUEST: 'REQUEST_MALFORMED',
} as const satisfies Record<TRPC_ERROR_CODE_KEY, RequestErrorCode>;
