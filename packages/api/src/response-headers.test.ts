import type { CacheOutcome } from '@throughline/write-through';
import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';
import { createRequestContext } from './request-context.ts';
import { responseHeaders, type AnswerFacts, type CacheHeader } from './response-headers.ts';

test.each<[CacheOutcome, CacheHeader]>([
  ['hit', 'hit'],
  ['negative', 'hit'],
  ['miss', 'miss'],
  ['pending', 'miss'],
  ['bypass', 'bypass'],
  ['error', 'bypass'],
  ['published', 'none'],
  ['deferred', 'none'],
  ['none', 'none'],
])('an answer that ended as %s says x-cache: %s', (outcome, says) => {
  expect(headersOf([outcome]).get('x-cache')).toBe(says);
});

test.each<[CacheOutcome[], CacheHeader]>([
  [['hit', 'negative'], 'hit'],
  [['hit', 'miss', 'negative'], 'miss'],
  [['bypass', 'hit', 'miss'], 'bypass'],
  [['hit', 'none', 'bypass'], 'none'],
])('a batch of %j says the worst of its parts: %s', (outcomes, says) => {
  expect(headersOf(outcomes).get('x-cache')).toBe(says);
});

test('a call that the repository did not answer counts as one without the cache', () => {
  expect(headersOf(['hit'], 2).get('x-cache')).toBe('none');
  expect(headersOf([], 1).get('x-cache')).toBe('none');
});

test('server-timing tells the share of the cache and of the database in milliseconds', () => {
  expect(headersOf(['hit']).get('server-timing')).toBe('cache;dur=1.25, db;dur=20.00');
});

test('a streamed batch tells neither, as its headers leave before its results', () => {
  const facts = { ...request(['hit'], 1), eagerGeneration: true };
  expect(responseHeaders(facts)).toEqual(['cache-control', 'no-store']);
});

test('a stream of events has the headers of the library alone', () => {
  const facts: AnswerFacts = { ...request([], 1), type: 'subscription' };
  expect(responseHeaders(facts)).toEqual([]);
});

test('an answer without credentials names the scheme that is expected', () => {
  const errors = [new TRPCError({ code: 'UNAUTHORIZED' })];
  const headers = toHeaders(responseHeaders({ ...request([], 1), errors }));
  expect(headers.get('www-authenticate')).toBe('Bearer');
  expect(headersOf(['hit']).has('www-authenticate')).toBe(false);
});

function headersOf(outcomes: CacheOutcome[], callCount = outcomes.length): Headers {
  return toHeaders(responseHeaders(request(outcomes, callCount)));
}

function toHeaders(flat: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < flat.length; index += 2) {
    headers.append(flat[index] ?? '', flat[index + 1] ?? '');
  }
  return headers;
}

function request(outcomes: CacheOutcome[], callCount: number): AnswerFacts {
  const ctx = createRequestContext({
    auth: { kind: 'anonymous' },
    publicReads: true,
    timing: { cacheMs: 1.25, databaseMs: 20 },
  });
  for (const outcome of outcomes) ctx.answer({ value: null, outcome });
  const calls = Array.from({ length: callCount }, (_, index) => index);
  const info = { calls, isBatchCall: callCount > 1 };
  return { ctx, info, type: 'query', errors: [], eagerGeneration: false };
}
