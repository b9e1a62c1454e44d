/** What a token may allow; a procedure needs exactly one of these. */
export const scopes = ['catalog:read', 'catalog:write', 'cache:admin'] as const;
export type Scope = (typeof scopes)[number];

/**
 * Who asks. `rejected`: credentials were sent and are not valid; `unverifiable`: they could not be
 * checked, which says nothing about them. `cause` is for the log, never for the caller.
 */
export type Auth =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'token';
      readonly subject: string | null;
      readonly scopes: ReadonlySet<Scope>;
      /** In milliseconds since 1970. */
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'rejected'; readonly cause?: unknown }
  | { readonly kind: 'unverifiable'; readonly cause: unknown };
