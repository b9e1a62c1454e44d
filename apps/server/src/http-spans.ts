import {
  type ServerSpan,
  type ServerSpanDescription,
  startServerSpan,
} from '@throughline/telemetry';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { trpcPath } from './refuse-request.ts';

/**
 * What a request asks for stands in the spans of its calls. Its own says no path and no query: the one may hold
 * anything, the other holds the input.
 */
const route = `${trpcPath}/{procedures}`;

const methods: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
]);

/** Starts the span of a request, which ends when its answer is sent or nobody waits for it any more. */
export function startRequestSpan(req: IncomingMessage, res: ServerResponse): ServerSpan {
  const span = startServerSpan(req.headers, () => descriptionOf(req));
  const { recorded } = span;
  if (recorded !== undefined) res.once('close', () => endSpan(recorded, res));
  return span;
}

function descriptionOf(req: IncomingMessage): ServerSpanDescription {
  const method = methods.has(req.method ?? '') ? String(req.method) : '_OTHER';
  return {
    name: `${method === '_OTHER' ? 'HTTP' : method} ${route}`,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.scheme': 'encrypted' in req.socket ? 'https' : 'http',
      'network.protocol.version': req.httpVersion,
    },
  };
}

/** A caller that hung up before its answer was complete is not a fault, but explains one that is missed. */
function endSpan(span: NonNullable<ServerSpan['recorded']>, res: ServerResponse): void {
  if (!res.writableFinished) span.fail('aborted');
  else {
    span.set({ 'http.response.status_code': res.statusCode });
    if (res.statusCode >= 500) span.fail(String(res.statusCode));
  }
  span.end();
}
