import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanReference } from './exemplar.ts';

/** What is known of one request while it is served, wherever its work goes on. */
export class RequestScope {
  /** How long it has waited for the cache, in milliseconds. */
  cacheMs = 0;
  /** How long it has waited for PostgreSQL, in milliseconds. */
  databaseMs = 0;
  /** What it is answered with, as far as whoever does its work may know; undefined until somebody says so. */
  answer: { readonly destroyed: boolean } | undefined = undefined;
  /** Its span, if that is not recorded: all that log lines need, and nothing is found beneath it. */
  readonly unrecorded: SpanReference | undefined;
  /** Whether what it does has spans. */
  readonly isRecorded: boolean;

  constructor(unrecorded: SpanReference | undefined, isRecorded: boolean) {
    this.unrecorded = unrecorded;
    this.isRecorded = isRecorded;
  }
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Serves one request; what it awaits is in its scope and in no other's. */
export function withRequestScope<T>(scope: RequestScope, serve: () => T): T {
  return scopes.run(scope, serve);
}

/** That of the request that is being served; undefined outside of one. */
export function currentRequestScope(): RequestScope | undefined {
  return scopes.getStore();
}
