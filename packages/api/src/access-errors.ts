import type { Scope } from './auth.ts';

/** The parent of every refusal for want of credentials; `code` is literal in each child. */
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
