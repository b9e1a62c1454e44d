import { type ServerSpan, withServerSpan } from '@throughline/telemetry';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
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

/** A listener that is given headers for its answer: name after value in one flat list. */
type HeadedListener = (
  req: IncomingMessage,
  res: ServerResponse,
  headers: readonly string[],
) => void;

/** The same listener, with a span around every request, of which the answer tells in `traceparent`. */
export function tracedListener(listener: HeadedListener): RequestListener {
  return (req, res) => {
    const method = methods.has(req.method ?? '') ? String(req.method) : '_OTHER';
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'url.scheme': 'http',
      'network.protocol.version': req.httpVersion,
    };
    const name = `${method === '_OTHER' ? 'HTTP' : method} ${route}`;
    return withServerSpan({ name, attributes, headers: req.headers }, (span) => {
      res.once('close', () => endSpan(span, res));
      return listener(req, res, ['traceparent', span.traceparent]);
    });
  };
}

/** A caller that hung up before its answer was complete is not a fault, but explains one that is missed. */
function endSpan(span: ServerSpan, res: ServerResponse): void {
  if (!res.writableFinished) span.fail('aborted');
  else {
    span.set({ 'http.response.status_code': res.statusCode });
    if (res.statusCode >= 500) span.fail(String(res.statusCode));
  }
  span.end();
}
