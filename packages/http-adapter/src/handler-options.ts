import type { AnyTRPCRouter } from '@trpc/server';
import type { CreateHTTPHandlerOptions } from '@trpc/server/adapters/standalone';
import type { ResponseMetaFn } from '@trpc/server/http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What is known of an answer before it is sent: as `responseMeta` gets it, without what would have to be built. Where
 * the request could not be understood, `info` is undefined and `errors` may be empty.
 */
export type AnswerFacts<Router extends AnyTRPCRouter> = Pick<Exchange, 'req' | 'res'> &
  Omit<Parameters<ResponseMetaFn<Router>>[0], 'data' | 'paths'>;

/** The options of tRPC's own `createHTTPHandler`, with the same meaning, and two more. */
export type HttpHandlerOptions<Router extends AnyTRPCRouter> = CreateHTTPHandlerOptions<Router> & {
  /**
   * The JSON text of an output, in UTF-8, where it is known already: it is sent as it is, whatever it holds.
   * `undefined` leaves the output to `JSON.stringify`. Not asked where the router has a transformer, nor for
   * streamed answers.
   */
  readonly encodedJson?: (output: unknown) => Uint8Array | undefined;
  /**
   * Headers to add to every answer of the handler, name after value in one flat list: what `responseMeta` does with
   * a `Headers`, without one. Names that tRPC sets itself must not be among them.
   */
  readonly responseHeaders?: (facts: AnswerFacts<Router>) => readonly string[];
};

/** One request, and what it is answered with. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Headers of this answer that stand before anything is known of it, name after value in one flat list. */
  readonly headers: readonly string[];
}
