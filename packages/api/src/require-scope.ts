import {
  ScopeMissingError,
  TokenMissingError,
  TokenRejectedError,
  TokenUnverifiableError,
} from './access-errors.ts';
import type { Auth, Scope } from './auth.ts';

export interface Access {
  readonly auth: Auth;
  /** Whether anyone may call what needs no more than `catalog:read`. */
  readonly publicReads: boolean;
}

/**
 * Throws unless the caller may use the scope. Credentials that were sent are judged even where none are
 * needed: a client with an expired token learns it at its first call, not at its first write.
 */
export function requireScope({ auth, publicReads }: Access, scope: Scope): void {
  const open = publicReads && scope === 'catalog:read';
  switch (auth.kind) {
    case 'rejected':
      throw new TokenRejectedError('The token is not valid.', { cause: auth.cause });
    case 'unverifiable':
      throw new TokenUnverifiableError('The keys at AUTH_JWKS_URL could not be fetched.', {
        cause: auth.cause,
      });
    case 'anonymous':
      if (!open) throw new TokenMissingError('The call needs a token.');
      return;
    case 'token':
      if (!open && !auth.scopes.has(scope)) throw new ScopeMissingError(scope);
  }
}
