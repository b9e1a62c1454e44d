import type { CacheOutcome } from '@throughline/write-through';
import type { TRPCError, TRPCProcedureType } from '@trpc/server';
import type { RequestContext, RequestTiming } from './request-context.ts';

/** What `x-cache` may say, best first. */
export const cacheHeaders = ['hit', 'miss', 'bypass', 'none'] as const;
export type CacheHeader = (typeof cacheHeaders)[number];

/** What is known of an answer before it is sent. */
export interface AnswerFacts {
  readonly ctx?: RequestContext | undefined;
  readonly info: { readonly calls: readonly unknown[]; readonly isBatchCall: boolean } | undefined;
  readonly type: TRPCProcedureType | 'unknown';
  readonly errors: readonly Pick<TRPCError, 'code'>[];
  /** Whether the headers leave before the results are known. */
  readonly eagerGeneration: boolean;
}

/**
 * How the cache took part, where the time went, and whether an answer is a replay: names and values in one flat list.
 * A streamed answer sends its headers before its results are known and tells none of this.
 */
export function responseHeaders(facts: AnswerFacts): string[] {
  const { ctx, info, type, errors, eagerGeneration } = facts;
  // Of a stream of events the library itself says what caches and proxies need to know, and errors are events.
  if (type === 'subscription' && info?.isBatchCall === false) return [];
  // An answer may be stale the moment after; no cache but ours knows when.
  const headers = ['cache-control', 'no-store'];
  if (eagerGeneration) return headers;
  headers.push('x-cache', toCacheHeader(ctx, info?.calls.length ?? 1));
  if (ctx) headers.push('server-timing', toServerTiming(ctx.timing));
  if (ctx?.hasReplayed) headers.push('idempotency-replayed', 'true');
  if (errors.some(({ code }) => code === 'UNAUTHORIZED'))
    headers.push('www-authenticate', 'Bearer');
  return headers;
}

const headerOfOutcome = {
  hit: 'hit',
  negative: 'hit',
  miss: 'miss',
  pending: 'miss',
  bypass: 'bypass',
  error: 'bypass',
  published: 'none',
  deferred: 'none',
  none: 'none',
} as const satisfies Record<CacheOutcome, CacheHeader>;

/** The worst of all parts; a call that the repository did not answer is a part without the cache. */
function toCacheHeader(ctx: RequestContext | undefined, callCount: number): CacheHeader {
  const outcomes = ctx?.outcomes ?? [];
  if (outcomes.length < callCount) return 'none';
  let worst = 0;
  for (const outcome of outcomes) {
    worst = Math.max(worst, cacheHeaders.indexOf(headerOfOutcome[outcome]));
  }
  return cacheHeaders[worst] ?? 'none';
}

function toServerTiming({ cacheMs, databaseMs }: RequestTiming): string {
  return `cache;dur=${cacheMs.toFixed(2)}, db;dur=${databaseMs.toFixed(2)}`;
}
