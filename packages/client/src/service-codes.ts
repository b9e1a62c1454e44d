import type { RequestErrorCode, ServiceErrorCode } from '@throughline/api';

/** The codes that the service refuses calls with; docs/errors.md has a row for each. */
export type ServiceCode = ServiceErrorCode | RequestErrorCode;

/**
 * What a refusal says of the change that a mutation asked for.
 *
 * - `unchanged`: this attempt changed nothing. One before it whose answer was lost may have.
 * - `settled`: no attempt did, nor can one that is still on its way: a version and a deleted product never come back.
 * - `unknown`: this attempt may have changed something.
 */
type ChangeWord = 'unchanged' | 'settled' | 'unknown';

/** A code that the service has and this table has not does not compile, nor does one that only the table has. */
const changeWords = {
  PRODUCT_NOT_FOUND: 'settled',
  CATEGORY_NOT_FOUND: 'unchanged',
  SKU_TAKEN: 'unchanged',
  SLUG_TAKEN: 'unchanged',
  VERSION_CONFLICT: 'settled',
  STOCK_INSUFFICIENT: 'unchanged',
  STOCK_TOO_LARGE: 'unchanged',
  IDEMPOTENCY_KEY_REUSED: 'unchanged',
  CURSOR_INVALID: 'unchanged',
  CHANGES_NOT_KEPT: 'unchanged',
  TOO_MANY_FOLLOWERS: 'unchanged',
  CACHE_UNAVAILABLE: 'unchanged',
  DATABASE_UNAVAILABLE: 'unchanged',
  DATABASE_OVERLOADED: 'unchanged',
  WRITE_CONTENDED: 'unchanged',
  COMMIT_OUTCOME_UNKNOWN: 'unknown',
  CALL_ABANDONED: 'unchanged',
  TOKEN_MISSING: 'unchanged',
  TOKEN_REJECTED: 'unchanged',
  TOKEN_UNVERIFIABLE: 'unchanged',
  SCOPE_MISSING: 'unchanged',
  TOO_MANY_PRODUCTS: 'unchanged',
  RATE_LIMITED: 'unchanged',
  INPUT_INVALID: 'unchanged',
  REQUEST_MALFORMED: 'unchanged',
  IDEMPOTENCY_KEY_INVALID: 'unchanged',
  IDEMPOTENCY_KEY_BATCHED: 'unchanged',
  BATCH_TOO_LARGE: 'unchanged',
  URL_TOO_LONG: 'unchanged',
  BODY_TOO_LARGE: 'unchanged',
  PATH_NOT_FOUND: 'unchanged',
  PROCEDURE_NOT_FOUND: 'unchanged',
  METHOD_UNSUPPORTED: 'unchanged',
  MEDIA_TYPE_UNSUPPORTED: 'unchanged',
  OVERLOADED: 'unchanged',
  INTERNAL: 'unknown',
} as const satisfies Record<ServiceCode, ChangeWord>;

/** What a refusal by this code says of the change that this procedure was to make. */
export function changeWordOf(path: string, serviceCode: string): ChangeWord {
  // The old epoch has ended by then; only the next has not begun in time.
  if (path === 'cache.reset' && serviceCode === 'CACHE_UNAVAILABLE') return 'unknown';
  return isServiceCode(serviceCode) ? changeWords[serviceCode] : 'unknown';
}

/** Whether this release of the client knows a code; a newer service may have more. */
export function isServiceCode(code: string): code is ServiceCode {
  return Object.hasOwn(changeWords, code);
}
