import { UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { claimsOf } from './token-claims.ts';

test('a token says of whom it is, what it allows and until when', () => {
  const claims = { sub: 'demo', scope: 'catalog:read catalog:write', exp: 1 };
  expect(claimsOf(new UnsecuredJWT(claims).encode())).toEqual({
    subject: 'demo',
    scopes: new Set(['catalog:read', 'catalog:write']),
    expiresAt: new Date(1_000),
  });
});

test('claims of another kind than they should be are none', () => {
  const payload = { sub: { name: 'demo' }, scope: ['catalog:read'], exp: 'never' };
  const token = ['{}', JSON.stringify(payload), ''].map((part) => btoa(part)).join('.');
  expect(claimsOf(token)).toEqual({
    subject: undefined,
    scopes: new Set(),
    expiresAt: undefined,
  });
});

test('what is no token has no claims', () => {
  expect(claimsOf('demo')).toBeNull();
});
