import type { AppRouter, RequestLimits } from '@throughline/api';
import {
  createTRPCClient,
  httpLink,
  type Operation,
  splitLink,
  type TRPCClient,
} from '@trpc/client';
import { type Answer, answerLink } from './answer.ts';
import { batchingLink } from './batching-link.ts';
import { type CallSettings, callOf, isUnaryMutation, toDeadlineMs } from './call.ts';
import { callingLink } from './calling-link.ts';
import { clientError } from './client-error.ts';
import { type Fetch, fetchAnswer, isOfService, isStreamOfService } from './fetch-answer.ts';
import { followingLink } from './following-link.ts';
import { limits } from './limits.ts';
import { retryingLink } from './retrying-link.ts';

export interface ClientOptions {
  /** Where the service serves tRPC, for example `http://127.0.0.1:3000/trpc`; on a page it may begin at the page's own. */
  readonly url: string;
  /**
   * The bearer token of every request; a function is asked anew for each, so that it can be renewed. If it throws or
   * rejects, the call or the subscription ends with `TOKEN_UNAVAILABLE`.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * How long after its begin a call may be sent again, in milliseconds; 10,000 if not given, 0 sends each call
   * once. An attempt that is under way then goes on.
   */
  readonly retryForMs?: number | undefined;
  /**
   * How long a call may take in all, in milliseconds: with every attempt, pause and bit of a streamed answer. Then it
   * ends with `DEADLINE_EXCEEDED`. A call's own is `context: { deadlineMs }`. Without either there is none.
   * Subscriptions have none.
   */
  readonly deadlineMs?: number | undefined;
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
  /**
   * Sets the headers that continue the caller's trace, such as `traceparent`. It is called once for each call, before
   * the call returns, so within the caller's context; all attempts carry what it set. Calls with different headers do
   * not share a request. With OpenTelemetry: `(headers) => propagation.inject(context.active(), headers)`.
   */
  readonly propagate?: ((headers: Record<string, string>) => void) | undefined;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

export type ThroughlineClient = TRPCClient<AppRouter>;

/**
 * A client with the procedures of the service as methods. Queries made in the same tick travel as one batch,
 * split where the service would refuse its size, and each answer arrives as soon as it is known. A mutation
 * travels alone, so that none fails for the size of its neighbours, and with an idempotency key: a fresh one, or
 * that of the call's `context: { idempotencyKey }`. The mutations of `cache` have none.
 * A query, and a mutation with its key, is sent again when no answer came, when a gateway could not reach the
 * service, and when the service says that it may be, for `retryForMs` in all. A mutation of `cache` is sent again only
 * if the service says that it may be and that nothing has taken place.
 * `product.changes` follows until it is unsubscribed: where its connection ends it connects again and misses nothing.
 * A call that fails rejects with a `ThroughlineError`; `failureOf` tells what happened.
 * Throws a `TypeError` if `url` is none of HTTP, or `deadlineMs` none that can be kept.
 */
export function createClient(options: ClientOptions): ThroughlineClient {
  const { retryForMs = limits.retryForMs, batch = true, onAnswer } = options;
  checkUrl(options.url);
  const settings: CallSettings = {
    deadlineMs: toDeadlineMs(options.deadlineMs),
    propagate: options.propagate,
  };
  const isPlain = (op: Operation) => isUnaryMutation(op) || (op.type === 'query' && !batch);
  return createTRPCClient<AppRouter>({
    links: [
      callingLink(settings),
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: followingLink(connectionOf(options)),
        false: [
          ...(onAnswer ? [answerLink(onAnswer)] : []),
          retryingLink(retryForMs),
          splitLink({ condition: isPlain, true: plainLink(options), false: batchLink(options) }),
        ],
      }),
    ],
  });
}

/** Else each call would fail as if the service were away. */
function checkUrl(url: string): void {
  const page: unknown = Reflect.get(globalThis, 'location');
  if (isOfHttp(url) || isOfHttp(url, String(page))) return;
  throw new TypeError(`The url must be like http://127.0.0.1:3000/trpc, not "${url}".`);
}

function isOfHttp(url: string, base?: string): boolean {
  return URL.canParse(url, base) && /^https?:$/.test(new URL(url, base).protocol);
}

function plainLink(options: ClientOptions) {
  const { url, fetch, headers } = connectionOf(options);
  return httpLink<AppRouter>({
    url,
    fetch: fetchAnswer(fetch, isOfService),
    headers: ({ op }) => headers(op),
  });
}

function batchLink(options: ClientOptions) {
  const { url, fetch, headers } = connectionOf(options);
  return batchingLink({
    url,
    fetch: fetchAnswer(fetch, isStreamOfService),
    headers: ({ opList: [op, ...others] }) => headers(op, ...others),
    maxItems: requestLimits.batchCallsMax,
    maxURLLength: requestLimits.urlBytesMax,
  });
}

function connectionOf({ url, token, fetch = globalFetch }: ClientOptions) {
  return {
    url,
    fetch,
    /** Asked for right before a request is sent. All its calls continue the same trace. */
    headers: async (op: Operation, ...others: Operation[]) => {
      const authorization = await authorizationOf(token);
      const all = { ...callOf(op).headers, ...authorization };
      checkHeaders(all);
      for (const sent of [op, ...others]) {
        const call = callOf(sent);
        call.isSent = true;
        if (sent.type === 'mutation' && !sent.signal?.aborted) call.mayHaveChanged = true;
      }
      return all;
    },
  };
}

/** Looked up anew for each request, as whoever instruments it may do so late. */
const globalFetch: Fetch = async (url, init) => fetch(url, init);

/** Asking for a token again is for whoever gives it to decide. */
async function authorizationOf(token: ClientOptions['token']): Promise<Record<string, string>> {
  if (token === undefined) return {};
  try {
    return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
  } catch (err) {
    throw clientError(err, { clientCode: 'TOKEN_UNAVAILABLE' });
  }
}

/** What `fetch` would refuse to send looks like a connection that failed. */
function checkHeaders(headers: Record<string, string>): void {
  try {
    void new Headers(headers);
  } catch (err) {
    throw clientError(err, { clientCode: 'CALL_INVALID' });
  }
}

/** Repeated here as only the service's types are imported, and those hold the numbers to its own. */
const requestLimits = {
  batchCallsMax: 100,
  urlBytesMax: 8_192,
} as const satisfies Pick<RequestLimits, 'batchCallsMax' | 'urlBytesMax'>;
