import { scopes, type Auth, type Scope } from '@throughline/api';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { AuthConfig } from './config.ts';
import { limits } from './limits.ts';
import { KeysAwayError, RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** Judges the Authorization header of a request; undefined means that there was none. Never throws. */
export type TokenVerifier = (authorization: string | undefined) => Promise<Auth>;

/** Accepts a token only with the configured key and algorithm, an `exp`, and what else is configured. */
export function createTokenVerifier(
  { keys, audience, issuer }: Omit<AuthConfig, 'publicReads'>,
  keySetOptions: Omit<RemoteKeySetOptions, 'url'> = {},
): TokenVerifier {
  const claims: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance: limits.clockToleranceSeconds,
    ...(audience !== undefined && { audience }),
    ...(issuer !== undefined && { issuer }),
  };
  switch (keys.kind) {
    case 'none':
      return bearerVerifier(() => Promise.reject(new errors.JWKSNoMatchingKey()));
    case 'secret':
      return bearerVerifier((token) =>
        jwtVerify(token, keys.secret, { ...claims, algorithms: ['HS256'] }),
      );
    case 'jwks': {
      const { keyFor } = new RemoteKeySet({ ...keySetOptions, url: keys.url });
      const options = { ...claims, algorithms: keySetAlgorithms };
      return bearerVerifier((token) => jwtVerify(token, keyFor, options));
    }
  }
}

/** Signatures only: with a shared secret among them, a public key could pass for one. */
const keySetAlgorithms = [
  ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
].flat();

function bearerVerifier(
  verify: (token: string) => Promise<{ payload: JWTPayload }>,
): TokenVerifier {
  const verified = new VerifiedTokens();
  return async (authorization) => {
    if (authorization === undefined) return { kind: 'anonymous' };
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { kind: 'rejected' };
    const known = verified.find(token);
    if (known !== undefined) return known;
    try {
      const { payload } = await verify(token);
      const { sub: subject = null, exp: expiresAtSeconds = 0 } = payload;
      const expiresAtMs = expiresAtSeconds * 1000;
      const auth: Auth = { kind: 'token', subject, scopes: scopesOf(payload), expiresAtMs };
      verified.add(token, auth, expiresAtMs);
      return auth;
    } catch (err) {
      return err instanceof KeysAwayError
        ? { kind: 'unverifiable', cause: err.cause }
        : { kind: 'rejected', cause: err };
    }
  };
}

function scopesOf({ scope }: JWTPayload): ReadonlySet<Scope> {
  const granted = typeof scope === 'string' ? scope.split(' ') : [];
  return new Set(scopes.filter((known) => granted.includes(known)));
}
