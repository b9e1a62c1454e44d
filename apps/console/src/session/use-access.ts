import { useMemo, useSyncExternalStore } from 'react';
import { claimsOf, type TokenClaims } from './token-claims.ts';
import { tokenStore } from './token-store.ts';

/** What calls may need, as tokens name it. */
export type Scope = 'catalog:read' | 'catalog:write' | 'cache:admin';

export interface Access {
  readonly token: string | undefined;
  /** Null where there is no token, or none that can be read. */
  readonly claims: TokenClaims | null;
  /** Why something is not offered; undefined where the token allows it. The service decides anyhow. */
  readonly reasonAgainst: (scope: Scope) => string | undefined;
}

export function useAccess(): Access {
  const token = useSyncExternalStore(tokenStore.subscribe, tokenStore.read);
  return useMemo(() => {
    const claims = token === undefined ? null : claimsOf(token);
    const reasonAgainst = (scope: Scope) => {
      if (token === undefined) return `Needs a token with the scope ${scope}.`;
      return claims?.scopes.has(scope) === true ? undefined : `The token lacks ${scope}.`;
    };
    return { token, claims, reasonAgainst };
  }, [token]);
}
