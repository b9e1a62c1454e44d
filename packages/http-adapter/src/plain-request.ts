import type { IncomingMessage } from 'node:http';

/** What a request for plain JSON says in its head. */
export interface PlainRequest {
  /** Of a procedure, or of several with commas between them; decoded, without slashes around it. */
  readonly path: string;
  readonly isBatch: boolean;
  /** The query's `input`, decoded. */
  readonly input: string | null;
}

/**
 * Reads the head of a request without a URL, a `Headers` or a `URLSearchParams`. Null where only those tell what it
 * means, and where it asks for more than a plain answer; nothing has been done with the request then.
 */
export function readPlainRequest(
  req: IncomingMessage,
  basePathLength: number,
): PlainRequest | null {
  const { method, url = '' } = req;
  if (method !== 'GET' && method !== 'POST') return null;
  if (!plainUrl.test(url) || !hasPlainHeaders(req)) return null;

  const queryStart = url.indexOf('?');
  const pathname = queryStart === -1 ? url : url.slice(0, queryStart);
  if (movingSegment.test(pathname)) return null;
  const path = decoded(trimSlashes(trimSlashes(pathname).slice(basePathLength)));
  const query = readQuery(queryStart === -1 ? '' : url.slice(queryStart + 1));
  return path === null || query === null ? null : { path, ...query };
}

/** A URL that `URL` would leave as it is: printable ASCII, no host, no fragment, nothing to be encoded in its path. */
const plainUrl = /^\/(?!\/)[\w\-.~!$&'()*+,;=:@/%]*(?:\?[!"$-~]*)?$/;

/** Segments of dots, plain or encoded, move within a path; what merely begins with one is as rare. */
const movingSegment = /\/\.|%2e/i;

/** A host that makes no URL with the rest of the request is refused by the slow path, in its own words. */
const plainHost = /^[\w.\-:[\]]+$/;

function hasPlainHeaders({ method, headers }: IncomingMessage): boolean {
  const { accept, host, 'content-type': contentType } = headers;
  if (headers['trpc-accept'] !== undefined || accept?.includes('application/jsonl')) return false;
  if (host !== undefined && !isValidHost(host)) return false;
  return contentType === undefined ? method === 'GET' : isJson(contentType);
}

let lastHost = '';

/** Requests of one connection, and mostly of all, name one host. */
function isValidHost(host: string): boolean {
  if (host === lastHost) return true;
  if (!plainHost.test(host) || !URL.canParse(`http://${host}`)) return false;
  lastHost = host;
  return true;
}

function isJson(contentType: string): boolean {
  if (contentType === 'application/json') return true;
  return contentType.toLowerCase().split(';', 1)[0]?.trim() === 'application/json';
}

/** One at either end, as tRPC does. */
export function trimSlashes(path: string): string {
  const start = path.startsWith('/') ? 1 : 0;
  const end = path.length - (path.length > start && path.endsWith('/') ? 1 : 0);
  return path.slice(start, end);
}

/** The first of each name counts. Null where the query holds a name that is encoded, or what no plain call has. */
function readQuery(query: string): Pick<PlainRequest, 'isBatch' | 'input'> | null {
  let batch: string | null = null;
  let input: string | null = null;
  let start = 0;
  while (start < query.length) {
    const found = query.indexOf('&', start);
    const end = found === -1 ? query.length : found;
    const pair = query.slice(start, end);
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (name === 'batch' || name === 'input') {
      const value = equals === -1 ? '' : decoded(withSpaces(pair.slice(equals + 1)));
      if (value === null) return null;
      if (name === 'batch') batch ??= value;
      else input ??= value;
    } else if (name === 'connectionParams' || /[%+]/.test(name)) return null;
    start = end + 1;
  }
  return { isBatch: batch === '1', input };
}

function withSpaces(value: string): string {
  return value.includes('+') ? value.replaceAll('+', ' ') : value;
}

/** Null where the text is encoded wrongly, of which paths and queries make different things. */
function decoded(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
