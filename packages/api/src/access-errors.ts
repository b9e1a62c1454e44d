import type { Scope } from './auth.ts';

/** The parent of every refusal for who asks; `code` is literal in each child. */
export abstract class AccessError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The call needs a token and came without one. */
export class TokenMissingError extends AccessError {
  readonly code = 'TOKEN_MISSING';
}

/** A token was sent that is not valid, or cannot be, as this service knows no key. */
export class TokenRejectedError extends AccessError {
  readonly code = 'TOKEN_REJECTED';
}

/** The keys that tokens are verified with could not be fetched. */
export class TokenUnverifiableError extends AccessError {
  readonly code = 'TOKEN_UNVERIFIABLE';
}

/** The token is valid and does not allow this. */
export class ScopeMissingError extends AccessError {
  readonly code = 'SCOPE_MISSING';
  readonly requiredScope: Scope;

  constructor(requiredScope: Scope) {
    super(`The token lacks ${requiredScope}.`);
    this.requiredScope = requiredScope;
  }
}

/** The answers in flight hold as many products as a process may. */
export class TooManyProductsError extends AccessError {
  readonly code = 'TOO_MANY_PRODUCTS';
}

/** Whoever asks has sent as many requests as they may. */
export class RateLimitedError extends AccessError {
  readonly code = 'RATE_LIMITED';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('As many requests came as may come.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
