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
    // Whoever made the token may have put anything there.
    const { sub, scope, exp }: Record<string, unknown> = decodeJwt(token);
    return {
      subject: typeof sub === 'string' ? sub : undefined,
      scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []),
      expiresAt: typeof exp === 'number' ? new Date(exp * 1000) : undefined,
    };
  } catch {
    return null;
  }
}
