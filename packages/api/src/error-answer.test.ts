import * as repository from '@throughline/product-repository';
import * as engine from '@throughline/write-through';
import { TRPCError } from '@trpc/server';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as access from './access-errors.ts';
import { requestError, toErrorShape, toPublicError, type PublicError } from './error-answer.ts';
import {
  requestErrorTable,
  type RequestErrorCode,
  type ServiceError,
  type ServiceErrorCode,
} from './error-table.ts';

const secret = 'SELECT * FROM products at redis-7.internal:6379, key throughline:{p:1}';

/** One error of every class, each with a text that must not come out unless it is the repository's. */
const samples = {
  PRODUCT_NOT_FOUND: new repository.ProductNotFoundError(7),
  CATEGORY_NOT_FOUND: new repository.CategoryNotFoundError(7),
  SKU_TAKEN: new repository.SkuTakenError('A-1'),
  SLUG_TAKEN: new repository.SlugTakenError('tools'),
  VERSION_CONFLICT: new repository.VersionConflictError(7, 4),
  STOCK_INSUFFICIENT: new repository.StockInsufficientError(7, 2),
  STOCK_TOO_LARGE: new repository.StockTooLargeError(7),
  IDEMPOTENCY_KEY_REUSED: new repository.IdempotencyKeyReusedError(),
  CURSOR_INVALID: new repository.CursorInvalidError(),
  CACHE_UNAVAILABLE: new engine.CacheUnavailableError(secret),
  CHANGES_NOT_KEPT: new repository.ChangesNotKeptError(),
  TOO_MANY_FOLLOWERS: new repository.TooManyFollowersError(),
  DATABASE_UNAVAILABLE: new engine.DatabaseUnavailableError(secret),
  DATABASE_OVERLOADED: new engine.DatabaseOverloadedError(secret),
  WRITE_CONTENDED: new engine.WriteContendedError(secret),
  COMMIT_OUTCOME_UNKNOWN: new engine.CommitOutcomeUnknownError(secret),
  CALL_ABANDONED: new engine.CallAbandonedError(secret),
  TOKEN_MISSING: new access.TokenMissingError(secret),
  TOKEN_REJECTED: new access.TokenRejectedError(secret),
  TOKEN_UNVERIFIABLE: new access.TokenUnverifiableError(secret),
  SCOPE_MISSING: new access.ScopeMissingError('catalog:write'),
  TOO_MANY_PRODUCTS: new access.TooManyProductsError(secret),
  RATE_LIMITED: new access.RateLimitedError(7),
} satisfies { [Code in ServiceErrorCode]: Extract<ServiceError, { code: Code }> };

test.each(Object.entries(samples))('%s is answered by its row and tells no more', (code, err) => {
  err.cause = new Error(secret);
  const shape = toErrorShape(toPublicError(err), 'product.byId');
  expect(shape.data).toMatchObject({ serviceCode: code, path: 'product.byId' });
  expect(shape.data.httpStatus).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(shape)).not.toMatch(/SELECT|redis-7|throughline:|stack/);
});

test.each([
  [new repository.VersionConflictError(7, 4), { code: 'CONFLICT', currentVersion: 4 }],
  [new engine.CacheUnavailableError(), { code: 'SERVICE_UNAVAILABLE', retryable: true }],
  [new engine.DatabaseUnavailableError(), { code: 'SERVICE_UNAVAILABLE', retryable: true }],
  [new engine.WriteContendedError(), { code: 'SERVICE_UNAVAILABLE', retryable: true }],
  [new engine.CommitOutcomeUnknownError(), { code: 'SERVICE_UNAVAILABLE', outcome: 'unknown' }],
])('%o tells the caller whether to repeat, and from what', (err, data) => {
  expect(toErrorShape(toPublicError(err)).data).toMatchObject(data);
});

test('an outcome that is unknown is called retryable only where an idempotency key was sent', () => {
  const { COMMIT_OUTCOME_UNKNOWN: err } = samples;
  expect(toPublicError(err).details).toEqual({ outcome: 'unknown' });
  expect(toPublicError(err, { hasKey: true }).details).toEqual({ retryable: true });
});

test.each(Object.values(samples).filter(({ code }) => code !== 'COMMIT_OUTCOME_UNKNOWN'))(
  'a key changes nothing about %o',
  (err) => {
    expect(toPublicError(err, { hasKey: true })).toEqual(toPublicError(err));
  },
);

test.each([
  ['an Error', new Error(secret)],
  ['an error of a driver', Object.assign(new Error(secret), { code: 'ECONNREFUSED', sql: secret })],
  [
    'an error that borrows one of our codes',
    Object.assign(new Error(secret), { code: 'SKU_TAKEN' }),
  ],
  ['a string', secret],
  ['an object', { message: secret, stack: secret }],
  ['nothing', undefined],
  ['an error of the library', new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: secret })],
])('%s that nobody foresaw is INTERNAL with a constant text', (_what, thrown) => {
  expect(toErrorShape(toPublicError(thrown))).toEqual({
    message: 'Something went wrong on our side.',
    code: -32603,
    data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, serviceCode: 'INTERNAL' },
  });
});

test('an error class of ours without a row is INTERNAL at run time too', () => {
  class Unmapped extends engine.WriteThroughError {
    readonly code = 'toString';
  }
  expect(toPublicError(new Unmapped(secret)).serviceCode).toBe('INTERNAL');
});

test('a ZodError counts as bad input only where the input was parsed', () => {
  const { error: cause } = z.strictObject({ id: z.int() }).safeParse({ id: 'x' });
  const whileParsing = new TRPCError({ code: 'BAD_REQUEST', cause });
  expect(toPublicError(whileParsing)).toMatchObject({
    serviceCode: 'INPUT_INVALID',
    details: { zodError: { formErrors: [], fieldErrors: { id: [expect.any(String)] } } },
  });
  expect(toPublicError(cause).serviceCode).toBe('INTERNAL');
});

describe('docs/errors.md', () => {
  const documented = readDocumentedErrors();

  test('names every error of the tables, and none besides', () => {
    const codes = [...Object.keys(samples), ...Object.keys(requestErrorTable)];
    expect(new Set(documented.keys())).toEqual(new Set(codes));
  });

  test.each(everyPublicError())('tells the truth about $serviceCode', (error) => {
    expect(documented.get(error.serviceCode)).toEqual({
      trpcCode: error.trpcCode,
      httpStatus: error.httpStatus,
      data: Object.keys(error.details),
      advised: true,
    });
  });
});

function everyPublicError(): PublicError[] {
  const { error: cause } = z.int().safeParse('x');
  const inputInvalid = toPublicError(new TRPCError({ code: 'BAD_REQUEST', cause }));
  const others = Object.keys(requestErrorTable)
    .filter(isRequestErrorCode)
    .filter((code) => code !== 'INPUT_INVALID')
    .map((code) => requestError(code));
  return [...Object.values(samples).map((err) => toPublicError(err)), inputInvalid, ...others];
}

function readDocumentedErrors() {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((row) => {
      const [, code = '', trpcCode = '', httpStatus, data = '', advice = ''] = row.split('|');
      const answer = { trpcCode: codesIn(trpcCode)[0], httpStatus: Number(httpStatus) };
      return [codesIn(code)[0], { ...answer, data: codesIn(data), advised: advice.trim() !== '' }];
    }),
  );
}

function codesIn(cell: string) {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}

function isRequestErrorCode(code: string): code is RequestErrorCode {
  return Object.hasOwn(requestErrorTable, code);
}
