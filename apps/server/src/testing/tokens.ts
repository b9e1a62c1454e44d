import type { Scope } from '@throughline/api';
import { SignJWT, type JWTPayload } from 'jose';

/** The secret of every test that signs with one. */
export const secret = new TextEncoder().encode('a secret of tests, long enough for HS256');

const issuedAtSeconds = Math.floor(Date.now() / 1000);
export const inAnHourSeconds = issuedAtSeconds + 3600;
export const anHourAgoSeconds = issuedAtSeconds - 3600;

/** A valid token with these scopes. */
export function tokenWith(...scopes: Scope[]): Promise<string> {
  return sign({ sub: 'someone', scope: scopes.join(' '), exp: inAnHourSeconds });
}

export function sign(claims: JWTPayload, key: Uint8Array = secret, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}
