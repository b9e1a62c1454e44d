import type { AnyTRPCRouter } from '@trpc/server';
import { createURL } from '@trpc/server/adapters/node-http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerSurprise } from './answer-surprise.ts';
import type { Exchange, HttpHandlerOptions } from './handler-options.ts';
import { leavingOf } from './leaving-of.ts';
import { PlainAnswer } from './plain-answer.ts';
import { CallFinder, PlainInfo } from './plain-calls.ts';
import { readPlainRequest, trimSlashes, type PlainRequest } from './plain-request.ts';
import { resolveByTrpc } from './resolve-by-trpc.ts';
import { isUntransformed } from './router-parts.ts';

/** A request listener, which may be given headers for the answer: name after value in one flat list. */
export type HttpHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  headers?: readonly string[],
) => void;

/**
 * A request listener for a router, in place of the `createHTTPHandler` of tRPC's standalone adapter. Plain queries and
 * mutations, alone or in a batch, are served on the request and response of node:http themselves; everything else goes
 * to tRPC's own resolver.
 */
export function createHttpHandler<Router extends AnyTRPCRouter>(
  options: HttpHandlerOptions<Router>,
): HttpHandler {
  const basePathLength = trimSlashes(options.basePath ?? '/').length;
  const finder = new CallFinder(options);
  const isPlainJson = isUntransformed(options.router);

  const answer = (exchange: Exchange, plain: PlainRequest | null): Promise<void> => {
    const { req, res, headers } = exchange;
    const isUnread = !('body' in req) && !req.readableEnded;
    const calls = plain !== null && isUnread ? finder.find(req, plain) : null;
    if (calls === null) return resolveByTrpc(options, exchange);
    const info = new PlainInfo(calls, req, leavingOf(res));
    return new PlainAnswer({ handler: options, isPlainJson, info, req, res, headers }).send();
  };

  return (req, res, headers = []) => {
    const exchange = { req, res, headers };
    const onSurprise = (cause: unknown) => answerSurprise(options, exchange, cause);
    try {
      const plain = readPlainRequest(req, basePathLength);
      if (options.middleware === undefined) {
        answer(exchange, plain).catch(onSurprise);
        return;
      }
      // What has no URL is refused before a middleware sees it.
      if (plain === null) createURL(req);
      options.middleware(req, res, (failure: unknown) => {
        const answered = failure
          ? resolveByTrpc(options, exchange, failure)
          : answer(exchange, plain);
        answered.catch(onSurprise);
      });
    } catch (cause) {
      onSurprise(cause);
    }
  };
}
