import type { CacheOutcome } from '@throughline/write-through';
import type { ResponseMetaFn } from '@trpc/server/http';
import type { AppRouter } from './app-router.ts';
import type { RequestContext, RequestTiming } from './request-context.ts';

/** What `x-cache` may say, best first. */
export const cacheHeaders = ['hit', 'miss', 'bypass', 'none'] as const;
export type CacheHeader = (typeof cacheHeaders)[number];

/**
 * Adds how the cache took part, where the time went, and whether an answer is a replay. A streamed answer sends its headers before its
 * results are known and tells none of this.
 */
export const responseMeta = (({ ctx, info, errors, eagerGeneration }) => {
  if (eagerGeneration) return {};
  const headers = new Headers({ 'x-cache': toCacheHeader(ctx, info?.calls.length ?? 1) });
  if (ctx) headers.set('server-timing', toServerTiming(ctx.timing));
  if (ctx?.hasReplayed) headers.set('idempotency-replayed', 'true');
  if (errors.some(({ code }) => code === 'UNAUTHORIZED')) headers.set('www-authenticate', 'Bearer');
  return { headers };
}) satisfies ResponseMetaFn<AppRouter>;

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
  const ranks = outcomes.map((outcome) => cacheHeaders.indexOf(headerOfOutcome[outcome]));
  return cacheHeaders[Math.max(...ranks)] ?? 'none';
}

function toServerTiming({ cacheMs, databaseMs }: RequestTiming): string {
  return `cache;dur=${cacheMs.toFixed(2)}, db;dur=${databaseMs.toFixed(2)}`;
}
