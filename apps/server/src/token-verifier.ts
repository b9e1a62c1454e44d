import { scopes, type Auth, type Scope } from '@throughline/api';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { AuthConfig } from './config.ts';
import { limits } from './limits.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** Judges the Authorization header of a request; undefined means that there was none. Never throws. */
export type TokenVerifier = (authorization: string | undefined) => Promise<Auth>;

/** Accepts a token only with the configured key and algorithm, an `exp`, and what else is configured. */
export function createTokenVerifier({ keys, audience, issuer }: Omit<AuthConfig, 'publicReads'>) {
  const claims: JWTVerifyOptions = {
    requiredClaims: ['exp'],
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
      const keySet = createRemoteJWKSet(keys.url, { timeoutDuration: limits.keySetMs });
      const options = { ...claims, algorithms: keySetAlgorithms };
      return bearerVerifier((token) => jwtVerify(token, tellingOutages(keySet), options));
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
      const subject = payload.sub ?? null;
      const auth: Auth = { kind: 'token', subject, scopes: scopesOf(payload) };
      verified.add(token, auth, payload.exp ?? 0);
      return auth;
    } catch (err) {
      return err instanceof KeysAwayError
        ? { kind: 'unverifiable', cause: err.cause }
        : { kind: 'rejected', cause: err };
    }
  };
}

/** The keys could not be fetched, which is not the token's fault. */
class KeysAwayError extends Error {}

function tellingOutages(keySet: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (cause) {
      throw isAboutToken(cause) ? cause : new KeysAwayError('No keys.', { cause });
    }
  };
}

function isAboutToken(err: unknown): boolean {
  return (
    err instanceof errors.JWKSNoMatchingKey ||
    err instanceof errors.JWKSMultipleMatchingKeys ||
    err instanceof errors.JOSENotSupported
  );
}

function scopesOf({ scope }: JWTPayload): ReadonlySet<Scope> {
  const granted = typeof scope === 'string' ? scope.split(' ') : [];
  return new Set(scopes.filter((known) => granted.includes(known)));
}
