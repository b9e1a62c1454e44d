import type { AppRouter, RequestLimits } from '@throughline/api';
import {
  createTRPCClient,
  httpBatchStreamLink,
  httpLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client';

export interface ClientOptions {
  /** Where the service serves tRPC, for example `http://127.0.0.1:3000/trpc`. */
  readonly url: string;
  /** The bearer token of every request; a function is asked anew for each, so that it can be renewed. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
}

export type ThroughlineClient = TRPCClient<AppRouter>;

/**
 * A client with the procedures of the service as methods. Queries made in the same tick travel as one batch,
 * split where the service would refuse its size, and each answer arrives as soon as it is known. A mutation
 * travels alone, so that none fails for the size of its neighbours.
 * A refusal rejects with a `ThroughlineError`, whose `data` docs/errors.md describes.
 */
export function createClient({ url, token }: ClientOptions): ThroughlineClient {
  const options = {
    url,
    headers: async () => {
      if (token === undefined) return {};
      return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
    },
  };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type, path }) => type === 'mutation' && path !== streamedMutation,
        true: httpLink(options),
        false: httpBatchStreamLink({
          ...options,
          maxItems: requestLimits.batchCallsMax,
          maxURLLength: requestLimits.urlBytesMax,
        }),
      }),
    ],
  });
}

/** Its answer comes bit by bit, which only the streaming link can take. */
const streamedMutation = 'cache.warm';

/** Repeated here as only the service's types are imported, and those hold the numbers to its own. */
const requestLimits = {
  batchCallsMax: 100,
  urlBytesMax: 8_192,
} as const satisfies Pick<RequestLimits, 'batchCallsMax' | 'urlBytesMax'>;
