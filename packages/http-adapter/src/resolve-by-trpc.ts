import { getTRPCErrorFromUnknown, type AnyTRPCRouter } from '@trpc/server';
import { createURL, incomingMessageToRequest } from '@trpc/server/adapters/node-http';
import { resolveResponse } from '@trpc/server/http';
import type { ServerResponse } from 'node:http';
import { appendFlat } from './append-flat.ts';
import type { Exchange, HttpHandlerOptions } from './handler-options.ts';
import { leavingOf } from './leaving-of.ts';
import { trimSlashes } from './plain-request.ts';

/**
 * Answers what is no plain call: streams, subscriptions, form data, bytes, procedures that are still to be loaded,
 * and whatever is wrong or odd, so that tRPC itself decides what becomes of it. `failure`: the request was refused
 * before it came here.
 */
export async function resolveByTrpc<Router extends AnyTRPCRouter>(
  options: HttpHandlerOptions<Router>,
  { req, res, headers }: Exchange,
  failure?: unknown,
): Promise<void> {
  const { responseMeta, responseHeaders, onError, createContext, maxBodySize } = options;
  const basePath = trimSlashes(options.basePath ?? '/');
  const path = trimSlashes(trimSlashes(createURL(req).pathname).slice(basePath.length));
  const left = leavingOf(res);
  const request = withStrictJson(
    incomingMessageToRequest(req, res, { maxBodySize: maxBodySize ?? null }),
    left,
  );
  let own: readonly string[] | undefined;
  const response = await resolveResponse<Router>({
    ...options,
    req: request,
    path,
    error: failure ? getTRPCErrorFromUnknown(failure) : null,
    createContext: async ({ info }) => createContext?.({ req, res, info }),
    onError: (failed) => onError?.({ ...failed, req }),
    responseMeta: (facts) => {
      own = responseHeaders?.({ ...facts, req, res });
      return responseMeta?.(facts) ?? {};
    },
  });
  const unknown = { info: undefined, type: 'unknown', eagerGeneration: false } as const;
  own ??= responseHeaders?.({ req, res, errors: [], ...unknown });
  await write(res, response, { own: [...headers, ...(own ?? [])], signal: left });
}

/** Text that is no UTF-8 is refused, where `Request.text()` would put other characters in its place. */
function withStrictJson(request: Request, signal: AbortSignal): Request {
  const isJson = /^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '');
  if (!isJson || request.body === null) return request;
  const decoder = new TextDecoderStream('utf-8', { fatal: true, ignoreBOM: true });
  // Cancelling the rest of a body would take the connection with it, and the answer.
  const text = request.body.pipeThrough(decoder, { signal, preventCancel: true });
  const body = text.pipeThrough(new TextEncoderStream());
  return new Request(request, { method: request.method, body, signal, duplex: 'half' });
}

async function write(
  res: ServerResponse,
  response: Response,
  { own, signal }: { readonly own: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  if (res.statusCode === 200) res.statusCode = response.status;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') res.setHeader(name, value);
  }
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  appendFlat(res, own);
  const sink = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      if (!res.write(chunk)) await drained(res);
      // A compression in between would else wait for more.
      if ('flush' in res && typeof res.flush === 'function') res.flush();
    },
  });
  try {
    await response.body?.pipeTo(sink, { signal });
  } catch (err) {
    if (signal.aborted) return;
    if (!res.headersSent) res.statusCode = 500;
    throw err;
  } finally {
    res.end();
  }
}

function drained(res: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = () => {
    res.off('drain', go).off('close', go);
    resolve();
  };
  res.on('drain', go).on('close', go);
  return promise;
}
