import { createLogger, createMetrics } from '@throughline/telemetry';
import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from './limits.ts';
import { observeKeySet } from './observe-key-set.ts';
import type { KeySetBounds } from './remote-key-set.ts';
import { startIssuer, type Issuer } from './testing/issuer.ts';
import { inAnHourSeconds } from './testing/tokens.ts';
import { createTokenVerifier } from './token-verifier.ts';

const { freshMs, pauseMs, firstPauseMs, bytesMax } = limits.keySet;

/** Each way of an endpoint to be of no use, but for being gone. */
const ways: [string, RequestListener][] = [
  ['answers 500', (_, res) => res.writeHead(500).end('{"keys":[]}')],
  ['answers text', (_, res) => res.end('<html>Sign in</html>')],
  ['answers JSON that is no key set', (_, res) => res.end('{"unexpected":true}')],
  ['answers more than fits', (_, res) => res.end(`{"keys":[]}${' '.repeat(bytesMax)}`)],
  ['answers without end', (_, res) => res.write(' '.repeat(bytesMax + 1))],
  ['stops in the middle', (_, res) => res.write('{"keys":[')],
  ['sends elsewhere', (_, res) => res.writeHead(302, { location: '/elsewhere' }).end()],
  ['hangs', () => {}],
  ['cuts the connection', (req) => req.destroy()],
];

test('keys are fetched once, however many tokens of a known key come, at once or later', async () => {
  await using issuer = await startIssuer();
  const door = doorOf(issuer);
  const many = Array.from({ length: 20 }, async (_, index) => door.kind(String(index)));
  expect(new Set(await Promise.all(many))).toEqual(new Set(['token']));
  door.advance(freshMs - 1);
  expect(await door.kind('later')).toBe('token');
  expect(issuer.asked).toBe(1);
});

test.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('a key for %s verifies', async (alg) => {
  await using issuer = await startIssuer(alg);
  expect(await doorOf(issuer).kind()).toBe('token');
});

describe('a key that is not known', () => {
  test('is looked for once, so that a token of a new key is good at once', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    await issuer.rotate('beside');
    door.advance(pauseMs);
    expect(await door.kind('new')).toBe('token');
    expect(issuer.asked).toBe(2);
  });

  test('costs one fetch in ten seconds, however many of them are named', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    door.advance(pauseMs);
    for (let round = 1; round <= 3; round += 1) {
      const strangers = Array.from({ length: 20 }, async (_, index) =>
        door.kind(`${round}`, `stranger-${round}-${index}`),
      );
      expect(new Set(await Promise.all(strangers))).toEqual(new Set(['rejected']));
      expect(await door.kind(`${round}`, 'one more')).toBe('rejected');
      expect(issuer.asked).toBe(1 + round);
      door.advance(pauseMs);
    }
  });

  test('does not hold up tokens of keys that are', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    door.advance(pauseMs);
    const asked = Promise.withResolvers<void>();
    door.hurry();
    issuer.answer(() => asked.resolve());
    const stranger = door.kind('waits', 'stranger');
    await asked.promise;
    expect(await door.kind('does not')).toBe('token');
    expect(await stranger).toBe('unverifiable');
  });

  test.each(ways)('is not held against the token while the endpoint %s', async (_way, listener) => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    await issuer.rotate('beside');
    door.hurry();
    issuer.answer(listener);
    door.advance(pauseMs);
    expect(await door.kind('new')).toBe('unverifiable');
    expect(await door.kind('new again')).toBe('unverifiable');
    expect(issuer.asked).toBe(2);
    door.relax();
    issuer.answer();
    door.advance(pauseMs);
    expect(await door.kind('new')).toBe('token');
    expect(await door.kind('any', 'stranger')).toBe('rejected');
  });
});

describe('a key that was withdrawn', () => {
  test('is believed no longer than the keys are fresh, while the endpoint answers', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    const old = await issuer.sign({ exp: inAnHourSeconds, jti: 'old' });
    expect(await door.kindOf(old)).toBe('token');
    await issuer.rotate('instead');
    door.advance(freshMs);
    const another = await issuer.sign({ exp: inAnHourSeconds, jti: 'another' }, 'key-1');
    expect(await door.kindOf(another)).toBe('rejected');
    expect(await door.kind('new')).toBe('token');
  });
});

describe('while the endpoint is away', () => {
  test.each(ways)('tokens of known keys are good when it %s', async (_way, listener) => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    door.hurry();
    issuer.answer(listener);
    for (const age of [freshMs, freshMs, 100 * freshMs]) {
      door.advance(age);
      expect(await door.kind(`${age}`)).toBe('token');
      await door.settled();
    }
  });

  test('tokens of known keys are good when it is gone', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    await issuer.close();
    for (const age of [freshMs, 100 * freshMs]) {
      door.advance(age);
      expect(await door.kind(`${age}`)).toBe('token');
    }
  });

  test('a request waits for one that hangs no longer than its patience, whatever a fetch may take', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    door.hurry({ patienceMs: 10 });
    issuer.answer(() => {});
    door.advance(freshMs);
    expect(await door.kind('waits a moment')).toBe('token');
    expect(door.failures()).toBe(0);
  });

  test('no request waits for it once it was seen to be', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    await door.kind();
    door.hurry();
    issuer.answer(() => {});
    door.advance(freshMs);
    await door.kind('waits a moment');
    await door.settled();
    const asked = Promise.withResolvers<void>();
    issuer.answer(() => asked.resolve());
    door.relax();
    door.advance(pauseMs);
    expect(await door.kind('does not wait')).toBe('token');
    await asked.promise;
    expect(door.failures()).toBe(1);
  });

  test.each(ways)(
    'without a known key every token is unverifiable when it %s',
    async (_way, no) => {
      await using issuer = await startIssuer();
      const door = doorOf(issuer);
      door.hurry();
      issuer.answer(no);
      const many = Array.from({ length: 20 }, async (_, index) => door.kind(String(index)));
      expect(new Set(await Promise.all(many))).toEqual(new Set(['unverifiable']));
      expect(issuer.asked).toBe(1);
      door.relax();
      issuer.answer();
      door.advance(firstPauseMs);
      expect(await door.kind()).toBe('token');
    },
  );

  test('it is told once, each fetch is counted, and that it is back is told too', async () => {
    await using issuer = await startIssuer();
    const door = doorOf(issuer);
    issuer.answer((_, res) => res.writeHead(500).end());
    for (let count = 0; count < 3; count += 1) {
      await door.kind(String(count));
      door.advance(firstPauseMs);
    }
    issuer.answer();
    await door.kind();
    expect(door.log()).toEqual([
      ['warn', 'the keys of tokens cannot be fetched'],
      ['info', 'the keys of tokens can be fetched again'],
    ]);
    expect(door.failures()).toBe(3);
    expect(await door.metrics()).toContain('token_key_fetches_total{outcome="error"} 3');
    expect(await door.metrics()).toContain('token_key_fetches_total{outcome="ok"} 1');
  });
});

test('a key that cannot be used says nothing about a token that names it, and spoils no other', async () => {
  await using issuer = await startIssuer();
  issuer.published.push({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'broken', alg: 'ES256' });
  const door = doorOf(issuer);
  expect(await door.kind('broken', 'broken')).toBe('unverifiable');
  expect(await door.kind()).toBe('token');
});

test('a set without keys is believed: its issuer takes all of them back', async () => {
  await using issuer = await startIssuer();
  const door = doorOf(issuer);
  await door.kind();
  issuer.published.length = 0;
  door.advance(freshMs);
  expect(await door.kind('any')).toBe('rejected');
});

const logLine = z.object({ level: z.string(), msg: z.string() });

/** A verifier with the issuer's keys, whose clock stands still until it is advanced. */
function doorOf(issuer: Issuer) {
  const relaxed = { ...limits.keySet, fetchMs: 10_000, patienceMs: 10_000 };
  const bounds = { ...relaxed };
  let nowMs = 0;
  let failures = 0;
  let failed = Promise.withResolvers<void>();
  const metrics = createMetrics();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const observer = observeKeySet(metrics, createLogger({ level: 'info', destination }));
  const verify = createTokenVerifier(
    { keys: { kind: 'jwks', url: issuer.url }, audience: undefined, issuer: undefined },
    {
      bounds,
      nowMs: () => nowMs,
      observer: {
        fetched: () => observer.fetched(),
        failed: (err) => {
          failures += 1;
          observer.failed(err);
          failed.resolve();
        },
      },
    },
  );
  const kindOf = async (token: string) => (await verify(`Bearer ${token}`)).kind;
  return {
    advance: (ms: number) => {
      nowMs += ms;
    },
    /** Has no patience with the endpoint from now on, so that a test of one that hangs is short. */
    hurry: (hurried: Partial<KeySetBounds> = { fetchMs: 100, patienceMs: 10 }) =>
      void Object.assign(bounds, hurried),
    relax: () => void Object.assign(bounds, relaxed),
    kindOf,
    /** What becomes of a fresh token; each `jti` makes another one. */
    kind: async (jti = 'any', kid?: string) =>
      kindOf(await issuer.sign({ jti, exp: inAnHourSeconds }, kid)),
    failures: () => failures,
    /** Resolves when the next fetch, or the one that runs, has failed. */
    settled: async () => {
      await failed.promise;
      failed = Promise.withResolvers();
    },
    metrics: async () => (await metrics.expose()).text,
    log: () => lines.map((line) => Object.values(logLine.parse(JSON.parse(line)))),
  };
}
