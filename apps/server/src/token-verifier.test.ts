import { UnsecuredJWT, type JWTPayload } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { limits } from './limits.ts';
import { startIssuer, type Issuer } from './testing/issuer.ts';
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
  expiresAtMs: inAnHourSeconds * 1000,
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
    expiresAtMs: inAnHourSeconds * 1000,
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

test('a token counts from the tolerance of clocks before its nbf on', async () => {
  const fresh = newVerifier();
  using clock = fakeDate();
  const nbf = Math.floor(clock.nowMs() / 1000) + 60;
  const header = `Bearer ${await sign({ ...claims, nbf })}`;
  clock.set((nbf - limits.clockToleranceSeconds) * 1000 - 1);
  expect(await fresh(header)).toMatchObject({ kind: 'rejected' });
  clock.set((nbf - limits.clockToleranceSeconds) * 1000);
  expect(await fresh(header)).toEqual(accepted);
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

  test('is remembered until its exp, judged anew from then on, and refused once the tolerance of clocks is over', async () => {
    const fresh = newVerifier();
    using clock = fakeDate();
    using verifying = vi.spyOn(crypto.subtle, 'verify');
    const expSeconds = Math.floor(clock.nowMs() / 1000) + 10;
    const header = `Bearer ${await sign({ ...claims, exp: expSeconds })}`;
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    clock.set(expSeconds * 1000 - 1);
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    expect(verifying).toHaveBeenCalledTimes(1);
    clock.set(expSeconds * 1000);
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    expect(verifying).toHaveBeenCalledTimes(2);
    clock.set((expSeconds + limits.clockToleranceSeconds) * 1000 - 1);
    expect(await fresh(header)).toMatchObject({ kind: 'token' });
    clock.set((expSeconds + limits.clockToleranceSeconds) * 1000);
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
    await using issuer = await startIssuer();
    const verifyWithSet = verifierOf(issuer);
    expect(await verifyWithSet(`Bearer ${await issuer.sign(claims)}`)).toEqual(accepted);
    await using stranger = await startIssuer();
    const forged = `Bearer ${await stranger.sign(claims)}`;
    expect(await verifyWithSet(forged)).toMatchObject({ kind: 'rejected' });
  });

  test.each<[string, (issuer: Issuer) => Promise<string> | string]>([
    ['the public key as a shared secret', ({ published: [key] }) => sign(claims, bytesOf(key))],
    ['alg none', () => new UnsecuredJWT(claims).encode()],
  ])('%s is refused, and no key is asked for', async (_what, token) => {
    await using issuer = await startIssuer();
    const header = `Bearer ${await token(issuer)}`;
    expect(await verifierOf(issuer)(header)).toMatchObject({ kind: 'rejected' });
    expect(issuer.asked).toBe(0);
  });

  test('a shared secret among its keys verifies nothing', async () => {
    await using issuer = await startIssuer();
    issuer.published.push({ kty: 'oct', k: Buffer.from(secret).toString('base64url') });
    const token = await sign(claims);
    expect(await verifierOf(issuer)(`Bearer ${token}`)).toMatchObject({ kind: 'rejected' });
  });
});

function verifierOf({ url }: Issuer): TokenVerifier {
  return createTokenVerifier({ keys: { kind: 'jwks', url }, ...anyone });
}

function bytesOf(key: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(key));
}

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
