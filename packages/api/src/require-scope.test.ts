import { expect, test } from 'vitest';
import { scopes, type Auth, type Scope } from './auth.ts';
import { toPublicError } from './error-answer.ts';
import { requireScope } from './require-scope.ts';

const anonymous: Auth = { kind: 'anonymous' };

test.each(scopes)('a token with %s alone may do that and nothing else', (granted) => {
  const auth = tokenWith(granted);
  const allowed = scopes.filter((scope) => outcome(auth, false, scope) === 'allowed');
  expect(allowed).toEqual([granted]);
});

test('without public reads an anonymous caller may do nothing', () => {
  for (const scope of scopes) expect(outcome(anonymous, false, scope)).toBe('TOKEN_MISSING');
});

test('public reads open the reads of the catalogue to anyone, and nothing besides', () => {
  expect(publicOutcomes(anonymous)).toEqual(['allowed', 'TOKEN_MISSING', 'TOKEN_MISSING']);
  expect(publicOutcomes(tokenWith())).toEqual(['allowed', 'SCOPE_MISSING', 'SCOPE_MISSING']);
});

test('credentials that are not valid are refused even where none are needed', () => {
  for (const scope of scopes) {
    expect(outcome({ kind: 'rejected' }, true, scope)).toBe('TOKEN_REJECTED');
    expect(outcome({ kind: 'unverifiable', cause: new Error('no keys') }, true, scope)).toBe(
      'TOKEN_UNVERIFIABLE',
    );
  }
});

function publicOutcomes(auth: Auth): string[] {
  return scopes.map((scope) => outcome(auth, true, scope));
}

function tokenWith(...granted: Scope[]): Auth {
  return { kind: 'token', subject: 'someone', scopes: new Set(granted), expiresAtMs: Infinity };
}

function outcome(auth: Auth, publicReads: boolean, scope: Scope): string {
  try {
    requireScope({ auth, publicReads }, scope);
    return 'allowed';
  } catch (err) {
    return toPublicError(err).serviceCode;
  }
}
