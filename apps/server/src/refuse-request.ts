import type { RequestErrorCode } from '@throughline/api';
import type { IncomingMessage } from 'node:http';
import { limits } from './limits.ts';

export const trpcPath = '/trpc';

/** Why a request is none that tRPC should see, judged by its head alone; null where it may pass. */
export function refuseRequest({
  url = '',
  method,
  headers,
}: IncomingMessage): RequestErrorCode | null {
  if (Buffer.byteLength(url) > limits.urlBytesMax) return 'URL_TOO_LONG';
  const { pathname, searchParams } = URL.parse(url, 'http://localhost') ?? {};
  if (pathname === undefined || searchParams === undefined) return 'REQUEST_MALFORMED';
  if (!pathname.startsWith(`${trpcPath}/`)) return 'PATH_NOT_FOUND';
  if (method !== 'GET' && method !== 'POST') return 'METHOD_UNSUPPORTED';
  if (method === 'POST' && !isJson(headers['content-type'])) return 'MEDIA_TYPE_UNSUPPORTED';
  if (Number(headers['content-length']) > limits.bodyBytesMax) return 'BODY_TOO_LARGE';
  const isBatch = searchParams.get('batch') === '1';
  return isBatch && callCount(pathname) > limits.batchCallsMax ? 'BATCH_TOO_LARGE' : null;
}

/** What else tRPC reads, form data and streams, no procedure of ours takes. */
function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json\s*(;|$)/i.test(contentType);
}

/** tRPC decodes the path before it splits it, so that an encoded comma parts two calls too. */
function callCount(pathname: string): number {
  return pathname.split(/,|%2c/i).length;
}
