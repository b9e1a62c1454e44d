import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { limits } from './limits.ts';
import { openHttpEndpoint } from './http-endpoint.ts';
import { sendJson } from './json-response.ts';
import { anHourAgoSeconds, inAnHourSeconds, secret, sign } from './testing/tokens.ts';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.ts';

const anyone = { audience: undefined, issuer: undefined };
const newVerifier = () => createTokenVerifier({ keys: { kind: 'secret', secret }, ...anyone });
const verify = newVerifier();
const claims: JWTPayload = {
  sub: 'someone',
  scope: 'catalog:write cache:admin',
  exp: inAnHourSeconds,
};
const accepted = {
  kind: 'token',
  subject: 'someone',
  scopes: new Set(['catalog:write', 'cache:admin']),
};

test('no header at all is an anonymous caller', async () => {
  expect(await verify(undefined)).toEqual({ kind: 'anonymous' });
});

test('a valid token tells its subject and the scopes that we know', async () => {
  expect(await verify(`Bearer ${await sign(claims)}`)).toEqual(accepted);
  const more = { ...claims, scope: `openid ${String(claims['scope'])} catalog:readonly` };
  expect(await verify(`bearer ${await sign(more)}`)).toEqual(accepted);
});

test('a token without a subject or a scope claim is valid and allows nothing', async () => {
  const token = await sign({ exp: inAnHourSeconds });
  expect(await verify(`Bearer ${token}`)).toEqual({
    kind: 'token',
    subject: null,
    scopes: new Set(),
  });
});

test('a scope claim that is no string allows nothing', async () => {
  const token = await sign({ ...claims, scope: ['catalog:write'] });
  expect(await verify(`Bearer ${token}`)).toMatchObject({ scopes: new Set() });
});

test.each<[string, () => Promise<string> | string]>([
  ['an expired token', () => sign({ ...claims, exp: anHourAgoSeconds })],
  ['a token without exp', () => sign({ scope: 'catalog:write' })],
  ['a token that is not valid yet', () => sign({ ...claims, nbf: inAnHourSeconds })],
  ['a token signed with another key', () => sign(claims, new Uint8Array(32).fill(7))],
  ['a token with another algorithm of the same family', () => sign(claims, secret, 'HS512')],
  ['a token with alg none', () => new UnsecuredJWT(claims).encode()],
  ['a token without its signature', async () => (await sign(claims)).replace(/[^.]+$/, '')],
  ['a token with other claims under the old signature', () => withOtherClaims()],
  ['something that is no token', () => 'not-a-token'],
  ['an empty token', () => ''],
])('%s is refused', async (_what, token) => {
  expect(await verify(`Bearer ${await token()}`)).toMatchObject({ kind: 'rejected' });
});

test.each(['', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'catalog:write'])(
  'a header that is no bearer token is refused and not taken for an anonymous caller: "%s"',
  async (header) => {
    expect(await verify(header)).toMatchObject({ kind: 'rejected' });
  },
);

test('where no key is configured every token is refused, and no token is none', async () => {
  const keyless = createTokenVerifier({ keys: { kind: 'none' }, ...anyone });
  expect(await keyless(`Bearer ${await sign(claims)}`)).toMatchObject({ kind: 'rejected' });
  expect(await keyless(undefined)).toEqual({ kind: 'anonymous' });
});

test('audience and issuer are checked where they are configured', async () => {
  const keys = { kind: 'secret', secret } as const;
  const strict = createTokenVerifier({ keys, audience: 'catalogue', issuer: 'https://id.example' });
  const kindFor = async (more: JWTPayload) =>
    (await strict(`Bearer ${await sign({ ...claims, ...more })}`)).kind;
  expect(await kindFor({ aud: 'catalogue', iss: 'https://id.example' })).toBe('token');
  expect(await kindFor({ aud: ['other', 'catalogue'], iss: 'https://id.example' })).toBe('token');
  expect(await kindFor({ aud: 'other', iss: 'https://id.example' })).toBe('rejected');
  expect(await kindFor({ aud: 'catalogue', iss: 'https://other.example' })).toBe('rejected');
  expect(await kindFor({ aud: 'catalogue' })).toBe('rejected');
  expect(await kindFor({})).toBe('rejected');
});

describe('a token that was good a moment ago', () => {
  test('is accepted without its signature being verified again, and another one is verified', async () => {
    const fresh = newVerifier();
    using verifying = vi.spyOn(crypto.subtle, 'verify');
    const [token, other] = [await sign(claims), await sign({ ...claims, sub: 'another' })];
    for (let call = 0; call < 3; call += 1) {
      expect(await fresh(`Bearer ${token}`)).toEqual(accepted);
      expect(await fresh(`Bearer ${other}`)).toEqual({ ...accepted, subject: 'another' });
    }
    expect(verifying).toHaveBeenCalledTimes(2);
  });

  test('is refused from the second on in which it expires', async () => {
    const fresh = newVerifier();
    using clock = fakeDate();
    const expSeconds = Math.floor(clock.nowMs() / 1000) + 10;
    const header = `Bearer ${await sign({ ...claims, exp: expSeconds })}`;
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    clock.set(expSeconds * 1000 - 1);
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    clock.set(expSeconds * 1000);
    expect(await fresh(header)).toMatchObject({ kind: 'rejected' });
  });

  test('is verified again after a while, so that a key that was withdrawn is not believed for long', async () => {
    const fresh = newVerifier();
    using clock = fakeDate();
    using verifying = vi.spyOn(crypto.subtle, 'verify');
    const header = `Bearer ${await sign(claims)}`;
    await fresh(header);
    clock.advance(limits.verifiedMs - 1_000);
    await fresh(header);
    expect(verifying).toHaveBeenCalledTimes(1);
    clock.advance(2_000);
    await fresh(header);
    expect(verifying).toHaveBeenCalledTimes(2);
  });

  test('one that was refused is judged anew each time', async () => {
    const fresh = newVerifier();
    using verifying = vi.spyOn(crypto.subtle, 'verify');
    const header = `Bearer ${await sign(claims, new Uint8Array(32).fill(7))}`;
    expect(await fresh(header)).toMatchObject({ kind: 'rejected' });
    expect(await fresh(header)).toMatchObject({ kind: 'rejected' });
    expect(verifying).toHaveBeenCalledTimes(2);
  });
});

describe('with a key set', () => {
  test('a token signed with a key of the set is accepted, one of another key refused', async () => {
    await using keySet = await serveKeySet();
    expect(await keySet.verify(`Bearer ${await keySet.sign()}`)).toEqual(accepted);
    const stranger = await generateKeyPair('ES256');
    const forged = await keySet.sign(stranger.privateKey);
    expect(await keySet.verify(`Bearer ${forged}`)).toMatchObject({ kind: 'rejected' });
  });

  test('the public key as a shared secret is refused', async () => {
    await using keySet = await serveKeySet();
    const forged = await sign(claims, new TextEncoder().encode(JSON.stringify(keySet.publicKey)));
    expect(await keySet.verify(`Bearer ${forged}`)).toMatchObject({ kind: 'rejected' });
  });

  test('keys that cannot be fetched say nothing about the token', async () => {
    const keySet = await serveKeySet();
    await keySet[Symbol.asyncDispose]();
    const auth = await keySet.verify(`Bearer ${await keySet.sign()}`);
    expect(auth).toEqual({ kind: 'unverifiable', cause: expect.any(Error) });
  });

  test('an answer that is no key set says nothing about the token', async () => {
    await using keySet = await serveKeySet({ unexpected: true });
    const auth = await keySet.verify(`Bearer ${await keySet.sign()}`);
    expect(auth).toMatchObject({ kind: 'unverifiable' });
  });
});

function fakeDate() {
  vi.useFakeTimers({ toFake: ['Date'] });
  return {
    nowMs: () => Date.now(),
    set: (ms: number) => vi.setSystemTime(ms),
    advance: (ms: number) => vi.advanceTimersByTime(ms),
    [Symbol.dispose]: () => void vi.useRealTimers(),
  };
}

async function withOtherClaims(): Promise<string> {
  const [header, , signature] = (await sign(claims)).split('.');
  const others = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
  return [header, others, signature].join('.');
}

async function serveKeySet(body?: object) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
  const endpoint = await openHttpEndpoint({
    listener: (_req, res) => sendJson(res, 200, body ?? { keys: [jwk] }),
    host: '127.0.0.1',
    port: 0,
  });
  const verifyWithSet: TokenVerifier = createTokenVerifier({
    keys: { kind: 'jwks', url: new URL(endpoint.url) },
    ...anyone,
  });
  return {
    publicKey: jwk,
    verify: verifyWithSet,
    sign: (key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}
