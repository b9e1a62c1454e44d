import { type FailureCode, failureOf, isThroughlineError } from '@throughline/client';

export interface ErrorWords {
  /** Undefined of a fault of the console. */
  readonly code: FailureCode | undefined;
  readonly title: string;
  readonly advice: string;
}

/** What happened, and what to do about it; docs/errors.md in the words of somebody before a screen. */
export function wordsOf(err: unknown): ErrorWords {
  if (!isThroughlineError(err)) return { code: undefined, title: String(err), advice: ours };
  const failure = failureOf(err);
  const { code, message } = failure;
  if (code === 'NO_ANSWER' || code === 'DEADLINE_EXCEEDED') {
    const title = 'The service does not answer.';
    const advice =
      failure.outcome === 'unknown' ? unknownAdvice(failure.idempotencyKey) : advices[code];
    return { code, title, advice };
  }
  const advice =
    code === 'SCOPE_MISSING' ? `It needs a token with ${failure.requiredScope}.` : advices[code];
  return { code, title: message, advice };
}

/** Only what carries a key can be sent again without being made twice. */
function unknownAdvice(idempotencyKey: string | undefined): string {
  return idempotencyKey === undefined
    ? 'Whether it was done is not known. Look before you try again: it would be done anew.'
    : 'Whether it has made the change is not known. Try again: it is not made twice.';
}

/** Whether nothing answered, as opposed to a refusal. */
export function isAway(err: unknown): boolean {
  return isThroughlineError(err) && awayCodes.has(failureOf(err).code);
}

const awayCodes: ReadonlySet<FailureCode> = new Set(['NO_ANSWER', 'DEADLINE_EXCEEDED']);

const again = 'Try again in a moment.';
const ours = 'This is a fault of the console or the service. Load the page anew.';

const advices: Record<FailureCode, string> = {
  PRODUCT_NOT_FOUND: 'It may have been deleted.',
  CATEGORY_NOT_FOUND: 'Choose another category.',
  SKU_TAKEN: 'Choose another SKU, or change the product that has it.',
  SLUG_TAKEN: 'Choose another slug.',
  VERSION_CONFLICT: 'Nothing changed. Look at the new version, and decide again.',
  STOCK_INSUFFICIENT: 'Nothing changed. Take away no more than is there.',
  STOCK_TOO_LARGE: 'Nothing changed. Add less.',
  IDEMPOTENCY_KEY_REUSED: ours,
  CURSOR_INVALID: 'Begin again at the first page.',
  CHANGES_NOT_KEPT: 'Changes were missed. Load the page anew.',
  TOO_MANY_FOLLOWERS: 'Live changes come when there is room again.',
  CACHE_UNAVAILABLE: `Nothing changed. ${again}`,
  DATABASE_UNAVAILABLE: `Nothing changed. ${again}`,
  DATABASE_OVERLOADED: `Nothing changed. ${again}`,
  WRITE_CONTENDED: `Nothing changed. ${again}`,
  COMMIT_OUTCOME_UNKNOWN: 'Try again: the same change is not made twice.',
  CALL_ABANDONED: `Nothing changed. ${again}`,
  TOKEN_MISSING: 'Give a token with the button at the top.',
  TOKEN_REJECTED:
    'The token is not valid here, or no longer. Give another one with the button at the top.',
  TOKEN_UNVERIFIABLE: `The service cannot check tokens at the moment. ${again}`,
  SCOPE_MISSING: 'Get a token that allows it.',
  TOO_MANY_PRODUCTS: `Nothing changed. ${again}`,
  RATE_LIMITED: 'Too many requests came. Wait a little, then try again.',
  INPUT_INVALID: 'Mend what is wrong, and send it again.',
  REQUEST_MALFORMED: ours,
  IDEMPOTENCY_KEY_INVALID: ours,
  IDEMPOTENCY_KEY_BATCHED: ours,
  BATCH_TOO_LARGE: ours,
  URL_TOO_LONG: 'Search for less.',
  BODY_TOO_LARGE: 'Write less.',
  PATH_NOT_FOUND: ours,
  PROCEDURE_NOT_FOUND: ours,
  METHOD_UNSUPPORTED: ours,
  MEDIA_TYPE_UNSUPPORTED: ours,
  OVERLOADED: `Nothing changed. The service has too much to do. ${again}`,
  INTERNAL: 'This is a fault of the service. Look at the product before you write again.',
  NO_ANSWER: 'It may be restarting. What you see is from before.',
  ANSWER_UNREADABLE:
    'Something that is not the service has answered. Look at what stands before it.',
  DEADLINE_EXCEEDED: again,
  ABORTED: again,
  TOKEN_UNAVAILABLE: ours,
  CALL_INVALID: ours,
  UNKNOWN_CODE: 'The service is newer than this page. Load it anew.',
};
