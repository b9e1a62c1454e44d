import {
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  transformTRPCResponse,
  type AnyTRPCRouter,
  type TRPCErrorShape,
} from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { appendFlat } from './append-flat.ts';
import type { Exchange, HttpHandlerOptions } from './handler-options.ts';
import { configOf } from './router-parts.ts';

/** Ends a request that could not be answered in the ordinary way, with an error that is told as one. */
export function answerSurprise<Router extends AnyTRPCRouter>(
  { router, onError, responseHeaders }: HttpHandlerOptions<Router>,
  { req, res, headers }: Exchange,
  cause: unknown,
): void {
  const error = getTRPCErrorFromUnknown(cause);
  const about = {
    error,
    type: 'unknown',
    path: undefined,
    input: undefined,
    ctx: undefined,
  } as const;
  const config = configOf(router);
  const shape = orUnspecific(() => getTRPCErrorShape({ config, ...about }));
  onError?.({ ...about, req });
  if (res.headersSent) {
    res.end();
    return;
  }
  const unknown = { info: undefined, type: 'unknown', eagerGeneration: false } as const;
  appendFlat(res, headers);
  appendFlat(res, responseHeaders?.({ req, res, errors: [error], ...unknown }) ?? []);
  res.statusCode = getHTTPStatusCode({ error: shape }, [error]);
  res.end(JSON.stringify(transformTRPCResponse(config, { error: shape })));
}

/** A formatter that throws must not keep the caller waiting, nor give away what it would have hidden. */
function orUnspecific(shapeOf: () => TRPCErrorShape): TRPCErrorShape {
  try {
    return shapeOf();
  } catch {
    return {
      code: TRPC_ERROR_CODES_BY_KEY.INTERNAL_SERVER_ERROR,
      message: 'Internal server error',
      data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
    };
  }
}
