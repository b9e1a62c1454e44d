import type { AppRouter, RequestLimits } from '@throughline/api';
import {
  createTRPCClient,
  httpBatchStreamLink,
  httpLink,
  type Operation,
  splitLink,
  type TRPCClient,
  TRPCClientError,
} from '@trpc/client';
import { type Answer, answerLink } from './answer.ts';
import { followingLink } from './following-link.ts';
import { keyHeaderOf, keyLink } from './idempotency-key.ts';
import { limits } from './limits.ts';
import { gatewayStatuses, retryingLink } from './retrying-link.ts';

export interface ClientOptions {
  /** Where the service serves tRPC, for example `http://127.0.0.1:3000/trpc`. */
  readonly url: string;
  /** The bearer token of every request; a function is asked anew for each, so that it can be renewed. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * How long after its begin a call may be sent again, in milliseconds; 10,000 if not given, 0 sends each call
   * once. An attempt that is under way then goes on.
   */
  readonly retryForMs?: number | undefined;
  /**
   * Whether queries made in the same tick share a request; true if not given. With false every call travels in a
   * request of its own, so that each answer tells where it came from.
   */
  readonly batch?: boolean | undefined;
  /**
   * Told of every answer that arrived, good or bad: of each call the last one. The calls of a batch share the headers
   * of its answer, which are sent before the results are known and do not tell of the cache. What it throws does not
   * reach the call; it is an uncaught error.
   */
  readonly onAnswer?: ((answer: Answer) => void) | undefined;
}

export type ThroughlineClient = TRPCClient<AppRouter>;

/**
 * A client with the procedures of the service as methods. Queries made in the same tick travel as one batch,
 * split where the service would refuse its size, and each answer arrives as soon as it is known. A mutation
 * travels alone, so that none fails for the size of its neighbours, and with an idempotency key: a fresh one, or
 * that of the call's `context: { idempotencyKey }`.
 * A query, and a mutation with its key, is sent again when no answer came, when a gateway could not reach the
 * service, and when the service says that it may be, for `retryForMs` in all. `cache.warm` is sent once.
 * `product.changes` follows until it is unsubscribed: where its connection ends it connects again and misses nothing.
 * A refusal rejects with a `ThroughlineError`, whose `data` docs/errors.md describes.
 */
export function createClient(options: ClientOptions): ThroughlineClient {
  const { url, token, retryForMs = limits.retryForMs, batch = true, onAnswer } = options;
  const shared = { url, fetch: fetchAnswer };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: followingLink({ url, headers: async () => authorizationOf(token) }),
        false: [
          keyLink(isUnaryMutation),
          ...(onAnswer ? [answerLink(onAnswer)] : []),
          retryingLink(retryForMs),
          splitLink({
            condition: (op) => isUnaryMutation(op) || (op.type === 'query' && !batch),
            true: httpLink({
              ...shared,
              headers: async ({ op }) => ({
                ...(await authorizationOf(token)),
                ...keyHeaderOf(op),
              }),
            }),
            false: httpBatchStreamLink({
              ...shared,
              headers: async () => authorizationOf(token),
              maxItems: requestLimits.batchCallsMax,
              maxURLLength: requestLimits.urlBytesMax,
            }),
          }),
        ],
      }),
    ],
  });
}

function isUnaryMutation({ type, path }: Operation): boolean {
  return type === 'mutation' && path !== streamedMutation;
}

/** Asking for a token again is for whoever gives it to decide. */
async function authorizationOf(token: ClientOptions['token']): Promise<Record<string, string>> {
  if (token === undefined) return {};
  try {
    return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
  } catch (err) {
    const cause = err instanceof Error ? err : new Error(String(err));
    throw TRPCClientError.from(cause, { meta: { hasNoToken: true } });
  }
}

type Fetch = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]['fetch']>;

/** A gateway answers with a page of its own, which would be reported as JSON that cannot be read. */
const fetchAnswer: Fetch = async (url, init) => {
  const response = await fetch(url, { ...init, signal: init?.signal ?? null });
  const isPage = !response.headers.get('content-type')?.startsWith('application/json');
  if (!isPage || !gatewayStatuses.has(response.status)) return response;
  await response.body?.cancel();
  const err = new Error(`The service could not be reached: HTTP ${response.status}.`);
  throw TRPCClientError.from(err, { meta: { response } });
};

/** Its answer comes bit by bit, which only the streaming link can take. */
const streamedMutation = 'cache.warm';

/** Repeated here as only the service's types are imported, and those hold the numbers to its own. */
const requestLimits = {
  batchCallsMax: 100,
  urlBytesMax: 8_192,
} as const satisfies Pick<RequestLimits, 'batchCallsMax' | 'urlBytesMax'>;
