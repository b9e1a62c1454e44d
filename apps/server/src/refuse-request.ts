import { idempotencyKeyHeader, isIdempotencyKey, type RequestErrorCode } from '@throughline/api';
import type { IncomingMessage } from 'node:http';
import { limits } from './limits.ts';

export const trpcPath = '/trpc';

/** Why a request is none that tRPC should see, judged by its head alone; null where it may pass. */
export function refuseRequest(req: IncomingMessage): RequestErrorCode | null {
  const { url = '', method, headers } = req;
  if (Buffer.byteLength(url) > limits.urlBytesMax) return 'URL_TOO_LONG';
  const pathname = pathnameOf(url, headers.host);
  if (pathname === null) return 'REQUEST_MALFORMED';
  if (!pathname.startsWith(`${trpcPath}/`)) return 'PATH_NOT_FOUND';
  if (method !== 'GET' && method !== 'POST') return 'METHOD_UNSUPPORTED';
  if (method === 'POST' && !isJson(headers['content-type'])) return 'MEDIA_TYPE_UNSUPPORTED';
  if (Number(headers['content-length']) > limits.bodyBytesMax) return 'BODY_TOO_LARGE';
  const keys = keysOf(req);
  const paths = pathCount(pathname);
  // Whether they are a batch is of no matter else, and the query takes long to read.
  if (paths <= limits.batchCallsMax && keys.length === 0) return null;
  const calls = isBatch(url) ? paths : 1;
  return calls > limits.batchCallsMax ? 'BATCH_TOO_LARGE' : refuseKeys(keys, calls);
}

/** The idempotency key of a request that was not refused. */
export function idempotencyKeyOf(req: IncomingMessage): string | undefined {
  return keysOf(req)[0];
}

/** A URL whose path is what stands before the first question mark, as nothing in it is for `URL` to change. */
const plainUrl = /^\/(?!\/)[\w\-.~!$&'()*+,;=:@/%]*(?:\?[!"$-~]*)?$/;

/** Segments of dots move within a path. */
const movingSegment = /\/\.|%2e/i;

/** Almost every URL is plain, and to parse one costs as much as to answer it. Null where there is none, or none to be fetched. */
function pathnameOf(url: string, host = defaultHost): string | null {
  const base = `http://${host}`;
  if (!plainUrl.test(url) || !isKnownHost(host)) return parsedPathname(url, base);
  const end = url.indexOf('?');
  const pathname = end === -1 ? url : url.slice(0, end);
  return movingSegment.test(pathname) ? parsedPathname(url, base) : pathname;
}

const defaultHost = 'localhost';
let lastHost = defaultHost;

/** Requests of one connection, and mostly of all, name one host. */
function isKnownHost(host: string): boolean {
  if (host === lastHost) return true;
  if (parsedPathname('/', `http://${host}`) === null) return false;
  lastHost = host;
  return true;
}

/** tRPC makes a `Request` of what is no plain call, and that takes no name and password in its URL. */
function parsedPathname(url: string, base: string): string | null {
  const parsed = URL.parse(url, base);
  return parsed === null || parsed.username !== '' || parsed.password !== ''
    ? null
    : parsed.pathname;
}

const noKeys: readonly string[] = [];

/** A query changes nothing, so there a key says nothing. tRPC takes mutations as POST only, and queries as GET. */
function keysOf(req: IncomingMessage): readonly string[] {
  const { method, headers } = req;
  // The headers one by one are a copy of all of them.
  if (method !== 'POST' || headers[idempotencyKeyHeader] === undefined) return noKeys;
  const { headersDistinct } = req;
  return headersDistinct[idempotencyKeyHeader] ?? noKeys;
}

/** Which of several calls a key stands for, nobody could tell; which of several keys counts, neither. */
function refuseKeys([key, ...more]: readonly string[], calls: number): RequestErrorCode | null {
  if (key === undefined) return null;
  if (more.length > 0 || !isIdempotencyKey(key)) return 'IDEMPOTENCY_KEY_INVALID';
  return calls > 1 ? 'IDEMPOTENCY_KEY_BATCHED' : null;
}

/** What else tRPC reads, form data and streams, no procedure of ours takes. */
function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json\s*(;|$)/i.test(contentType);
}

/** tRPC decodes the path before it splits it, so that an encoded comma parts two calls too. */
function pathCount(pathname: string): number {
  return /,|%2c/i.test(pathname) ? pathname.split(/,|%2c/i).length : 1;
}

function isBatch(url: string): boolean {
  return URL.parse(url, 'http://localhost')?.searchParams.get('batch') === '1';
}
