import {
  createRequestContext,
  responseHeaders,
  type AppRouter,
  type RequestErrorCode,
  type RateLimitedError,
} from '@throughline/api';
import { createHttpHandler } from '@throughline/http-adapter';
import { EncodedJson } from '@throughline/product-repository';
import { isTraced, type Logger, traceparentOf, withRequest } from '@throughline/telemetry';
import type { RequestListener, ServerResponse } from 'node:http';
import { Admission } from './admission.ts';
import type { CallMetrics } from './call-metrics.ts';
import { callSpans, composeCallInstruments } from './call-spans.ts';
import type { Pages } from './console-pages.ts';
import { startRequestSpan } from './http-spans.ts';
import { sendRequestError } from './json-response.ts';
import { limits } from './limits.ts';
import { logError } from './log-error.ts';
import { ProductsInFlight } from './products-in-flight.ts';
import { PublicHeaders } from './public-headers.ts';
import { idempotencyKeyOf, refuseRequest, trpcPath } from './refuse-request.ts';
import { currentTiming } from './request-timing.ts';
import { noteAnswer } from './request-caller.ts';
import type { RateLimits } from './rate-limits.ts';
import { RefusalLog } from './refusal-log.ts';
import { servePage } from './serve-page.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface TrpcListenerOptions {
  readonly router: AppRouter;
  readonly verifyToken: TokenVerifier;
  readonly publicReads: boolean;
  readonly logger: Logger;
  /** Told of requests that are refused before their bodies are read; tells the logger of its own if it is not said. */
  readonly refusals?: RefusalLog;
  readonly calls: Pick<CallMetrics, 'measure' | 'accepted' | 'rejected' | 'failed'>;
  /** What every answer carries; those of a port without TLS and without CORS if it is not said. */
  readonly publicHeaders?: PublicHeaders;
  /** Who is let in while there is too much to do; by the limits of a process if it is not said. */
  readonly admission?: Pick<Admission, 'admit' | 'release'>;
  /** How many requests each may send; as many as they like if it is not said. */
  readonly rates?: Pick<RateLimits, 'ofAddress' | 'ofToken'> | undefined;
  /** What is served beside calls; nothing if it is not said. */
  readonly pages?: Pages | undefined;
  /** Whether requests and calls have spans. */
  readonly traced?: boolean;
}

/** Serves the router under its path, within the limits of one request, and pages where no call could be meant. */
export function createTrpcListener(options: TrpcListenerOptions): RequestListener {
  const { router, verifyToken, publicReads, logger, calls, traced = false } = options;
  const { publicHeaders = new PublicHeaders({ corsOrigins: [], isTls: false }) } = options;
  const { admission = new Admission(), rates, refusals = new RefusalLog(logger), pages } = options;
  const products = new ProductsInFlight();
  const spanned = composeCallInstruments(callSpans, calls.measure);
  const handle = createHttpHandler({
    router,
    basePath: trpcPath,
    maxBodySize: limits.bodyBytesMax,
    maxBatchSize: limits.batchCallsMax,
    createContext: async ({ req, res, info }) => {
      calls.accepted(info.calls.length);
      noteAnswer(res);
      if (rates !== undefined) await within(rates.ofAddress(req), res, noteTooMany);
      const auth = await verifyToken(req.headers.authorization);
      if (auth.kind === 'rejected') calls.rejected('auth');
      if (rates !== undefined) await within(rates.ofToken(auth, req), res, noteTooMany);
      // It may go on for ever, and takes next to nothing; how many there may be is bounded by itself.
      if (info.type === 'subscription') admission.release(res);
      const takesStream = info.accept === 'application/jsonl';
      return createRequestContext({
        auth,
        publicReads,
        timing: currentTiming(),
        measure: isTraced() ? spanned : calls.measure,
        takesStream,
        askFor: products.forAnswer(res),
        idempotencyKey: idempotencyKeyOf(req),
      });
    },
    responseHeaders,
    // Products leave as the bytes that are cached.
    encodedJson: (output) => (output instanceof EncodedJson ? output.bytes : undefined),
    onError: (failed) => {
      calls.failed(failed);
      logError(logger, failed);
    },
  });

  const noteTooMany = () => {
    calls.rejected('rate');
    refusals.note('RATE_LIMITED');
  };
  const refuse = (res: ServerResponse, code: RequestErrorCode, headers: readonly string[]) => {
    calls.rejected(code);
    refusals.note(code);
    sendRequestError(res, code, headers);
  };
  const pageLimits = { rates, onRefused: noteTooMany };
  return (req, res) => {
    // A body that was refused halfway would else hold its connection until the time for a request is over.
    if (req.method !== 'GET') res.once('finish', () => req.resume());
    const common = publicHeaders.of(req);
    const refusal = refuseRequest(req);
    const page = refusal === 'PATH_NOT_FOUND' ? pages?.find(req) : undefined;
    if (page) return void servePage(page, [req, res], publicHeaders, pageLimits);
    // It has no span either: what is refused for load should cost next to nothing.
    if (refusal === null && !admission.admit(res)) {
      return refuse(res, 'OVERLOADED', [...common, ...comeAgain]);
    }
    const serve = (headers: readonly string[]) => {
      if (refusal === null) return handle(req, res, headers);
      const preflight = refusal === 'METHOD_UNSUPPORTED' && publicHeaders.ofPreflight(req);
      if (preflight) return res.writeHead(204, [...preflight]).end();
      refuse(res, refusal, refusal === 'METHOD_UNSUPPORTED' ? [...headers, ...allowed] : headers);
    };
    if (!traced) return withRequest(undefined, () => serve(common));
    const span = startRequestSpan(req, res);
    const traceparent = ['traceparent', traceparentOf(span.reference)];
    return withRequest(span, () => serve([...common, ...traceparent]));
  };
}

async function within(
  asked: Promise<RateLimitedError | null>,
  res: ServerResponse,
  onRefused: () => void,
): Promise<void> {
  const refused = await asked;
  if (refused === null) return;
  onRefused();
  if (!res.headersSent) res.setHeader('retry-after', refused.retryAfterSeconds);
  throw refused;
}

const allowed = ['allow', 'GET, POST'];
const comeAgain = ['retry-after', String(limits.overloadPauseSeconds)];
