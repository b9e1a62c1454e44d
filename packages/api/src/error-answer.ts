import { ProductRepositoryError } from '@throughline/product-repository';
import { WriteThroughError } from '@throughline/write-through';
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY, type TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { z } from 'zod';
import { AccessError } from './access-errors.ts';
import {
  libraryErrorTable,
  requestErrorTable,
  serviceErrorTable,
  type ErrorAnswer,
  type ErrorDetails,
  type ErrorWith,
  type RequestErrorCode,
  type ServiceError,
  type ServiceErrorCode,
  type ServiceErrorTable,
} from './error-table.ts';

/** Everything that a caller is told about an error; see docs/errors.md. */
export interface PublicError {
  readonly serviceCode: ServiceErrorCode | RequestErrorCode;
  readonly trpcCode: TRPC_ERROR_CODE_KEY;
  readonly httpStatus: number;
  readonly message: string;
  readonly details: ErrorDetails;
}

/**
 * What the caller may know of an error. It is built from the tables alone: the text of an error that
 * they do not name goes to the log and nowhere else. `hasKey`: the call carried an idempotency key, so that
 * repeating it changes nothing twice.
 */
export function toPublicError(err: unknown, { hasKey = false } = {}): PublicError {
  if (!(err instanceof TRPCError)) return toPublicError(getTRPCErrorFromUnknown(err), { hasKey });
  const { cause } = err;
  if (isServiceError(cause)) return serviceError(cause.code, cause, hasKey);
  if (err.code === 'BAD_REQUEST' && cause instanceof z.ZodError) {
    const details = { zodError: z.flattenError(cause) };
    return { ...requestError('INPUT_INVALID'), details };
  }
  return requestError(libraryErrorTable[err.code]);
}

/** The answer to a request that was refused before it became a call. */
export function requestError(serviceCode: RequestErrorCode): PublicError {
  return toPublic(serviceCode, requestErrorTable[serviceCode], undefined);
}

/** The same error under the code that the table gives it. */
export function withTableCode(err: TRPCError): TRPCError {
  const { trpcCode } = toPublicError(err);
  return trpcCode === err.code ? err : new TRPCError({ code: trpcCode, cause: err.cause ?? err });
}

/** The body that every error is sent in, with or without a procedure. */
export function toErrorShape(error: PublicError, path?: string) {
  return {
    message: error.message,
    code: TRPC_ERROR_CODES_BY_KEY[error.trpcCode],
    data: {
      code: error.trpcCode,
      httpStatus: error.httpStatus,
      serviceCode: error.serviceCode,
      ...(path !== undefined && { path }),
      ...error.details,
    },
  };
}

function isServiceError(err: unknown): err is ServiceError {
  const ours =
    err instanceof ProductRepositoryError ||
    err instanceof WriteThroughError ||
    err instanceof AccessError;
  return ours && Object.hasOwn(serviceErrorTable, err.code);
}

function serviceError<Code extends ServiceErrorCode>(
  code: Code,
  err: ErrorWith<Code>,
  hasKey: boolean,
): PublicError {
  const table: ServiceErrorTable = serviceErrorTable;
  const answer = toPublic(code, table[code], err);
  const { detailsWithKey } = table[code];
  return hasKey && detailsWithKey ? { ...answer, details: detailsWithKey } : answer;
}

function toPublic<E>(
  serviceCode: PublicError['serviceCode'],
  answer: ErrorAnswer<E>,
  err: E,
): PublicError {
  const { trpcCode, message, details = {} } = answer;
  return {
    serviceCode,
    trpcCode,
    httpStatus: answer.httpStatus ?? getHTTPStatusCodeFromError(new TRPCError({ code: trpcCode })),
    message: typeof message === 'function' ? message(err) : message,
    details: typeof details === 'function' ? details(err) : details,
  };
}
