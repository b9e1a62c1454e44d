import { decodeJwt } from 'jose';

/** What a token says of itself, unverified: for display, and to show what would be refused as disabled. */
export interface TokenClaims {
  readonly subject: string | undefined;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAt: Date | undefined;
}

/** Null of a text that is no token; whether one is valid the service alone can say. */
export function claimsOf(token: string): TokenClaims | null {
  try {
    const { sub, scope, exp } = decodeJwt<{ scope?: unknown }>(token);
    return {
      subject: sub,
      scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []),
      expiresAt: exp === undefined ? undefined : new Date(exp * 1000),
    };
  } catch {
    return null;
  }
}
