import {
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  type AnyTRPCRouter,
  type inferRouterContext,
} from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import { AnswerHead } from './answer-head.ts';
import type { Exchange, HttpHandlerOptions } from './handler-options.ts';
import { splicedBody, transformedBody, type CallAnswer, type JsonBody } from './json-body.ts';
import type { PlainCall, PlainInfo } from './plain-calls.ts';
import { configOf } from './router-parts.ts';
import type { CallEnd } from './run-procedure.ts';

export interface PlainAnswerOptions<Router extends AnyTRPCRouter> extends Exchange {
  readonly handler: HttpHandlerOptions<Router>;
  /** Whether outputs and errors go out as they are. */
  readonly isPlainJson: boolean;
  readonly info: PlainInfo;
}

/**
 * One request for plain JSON, from its context to its last byte, step by step as tRPC's `resolveResponse` goes: which
 * errors are told when, and what an error in the answering itself becomes, are part of what callers see.
 */
export class PlainAnswer<Router extends AnyTRPCRouter> {
  readonly #options: PlainAnswerOptions<Router>;
  readonly #head: AnswerHead;
  #ctx: inferRouterContext<Router> | undefined;
  #ctxError: TRPCError | undefined;

  constructor(options: PlainAnswerOptions<Router>) {
    this.#options = options;
    this.#head = new AnswerHead(options.headers);
  }

  /** Rejects where not even an error can be answered. */
  async send(): Promise<void> {
    const { res } = this.#options;
    let body: JsonBody;
    try {
      body = await this.#answer();
      this.#head.check();
    } catch (cause) {
      body = this.#answerTo(cause);
      this.#head.check();
    }
    // Nobody is there any more, and a write would be an error without a reader.
    if (res.destroyed) return;
    // A status that a procedure has set at the response itself stays.
    const status = res.statusCode === 200 ? this.#head.status : res.statusCode;
    res.writeHead(status, this.#head.flat(body.bytes));
    res.end(body.text, body.encoding);
  }

  async #answer(): Promise<JsonBody> {
    const { handler, req, res, info } = this.#options;
    try {
      if (handler.createContext) this.#ctx = await handler.createContext({ req, res, info });
    } catch (cause) {
      this.#ctxError = getTRPCErrorFromUnknown(cause);
    }
    const [first, ...more] = info.calls;
    if (first === undefined) throw new TypeError('A request has at least one call.');
    if (!info.isBatchCall) {
      const end = await this.#run(first);
      this.#head.setJson();
      if (end.ok && isDataStream(end.data)) throw streamRefused();
      return this.#bodyOf([end]);
    }
    const ends = await Promise.all([first, ...more].map((call) => this.#run(call)));
    this.#head.setJson();
    return this.#bodyOf(
      ends.map((end) =>
        end.ok && isDataStream(end.data) ? { ok: false, error: streamRefused() } : end,
      ),
    );
  }

  #run(call: PlainCall): Promise<CallEnd> {
    const { info } = this.#options;
    const ended = (end: CallEnd) => this.#ended(call, end);
    if (this.#ctxError)
      return Promise.resolve({ ok: false as const, error: this.#ctxError }).then(ended);
    const { getRawInput, path, batchIndex } = call;
    const { type, signal } = info;
    return call.run({ ctx: this.#ctx, getRawInput, path, type, signal, batchIndex }).then(ended);
  }

  /** Tells of a failure as soon as it is one, whatever else the batch waits for. */
  #ended(call: PlainCall, end: CallEnd): CallEnd {
    if (end.ok) return end;
    const { handler, req, info } = this.#options;
    const error = getTRPCErrorFromUnknown(end.error);
    const about = { path: call.path, input: call.result(), ctx: this.#ctx, type: info.type };
    handler.onError?.({ error, ...about, req });
    return { ok: false, error };
  }

  #bodyOf(ends: readonly CallEnd[]): JsonBody {
    const { handler, info, isPlainJson } = this.#options;
    const { encodedJson } = handler;
    const all = ends.map((end, index) => this.#answerOf(end, info.calls[index]));
    const errors = ends.map((end) => (end.ok ? undefined : end.error));
    this.#addHead(all, errors);
    const answers = info.isBatchCall ? all : (all[0] ?? []);
    if (!isPlainJson) return transformedBody(configOf(handler.router), answers);
    return splicedBody(
      answers,
      ends.map((end) => (end.ok ? encodedJson?.(end.data) : undefined)),
    );
  }

  #answerOf(end: CallEnd, call: PlainCall | undefined): CallAnswer {
    if (end.ok) return { result: { data: end.data } };
    const { handler, info } = this.#options;
    const about = { ctx: this.#ctx, error: end.error, input: call?.result(), path: call?.path };
    const config = configOf(handler.router);
    return { error: getTRPCErrorShape({ config, ...about, type: info.type }) };
  }

  /** What went wrong between the end of the calls and the answer is one error, of no call. */
  #answerTo(cause: unknown): JsonBody {
    const { handler, req, info } = this.#options;
    const config = configOf(handler.router);
    const error = getTRPCErrorFromUnknown(cause);
    const about = { error, path: undefined, input: undefined, ctx: this.#ctx, type: info.type };
    handler.onError?.({ ...about, req });
    const answer = { error: getTRPCErrorShape({ config, ...about }) };
    const body = transformedBody(config, answer);
    this.#addHead([answer], [error]);
    return body;
  }

  #addHead(answers: CallAnswer[], errors: readonly (TRPCError | undefined)[]): void {
    const { handler, req, res, info } = this.#options;
    const { responseMeta, responseHeaders } = handler;
    const hasError = errors.some((error) => error !== undefined);
    const status = hasError ? getHTTPStatusCode(answers, errors) : 200;
    if (!responseMeta && !responseHeaders) return this.#head.add(status, {});
    const facts = {
      ctx: this.#ctx,
      info,
      errors: hasError ? errors.filter((error) => error !== undefined) : [],
      eagerGeneration: false,
      type: info.type,
    };
    const meta = responseMeta?.({
      ...facts,
      data: answers,
      paths: info.calls.map(({ path }) => path),
    });
    this.#head.add(status, meta ?? {});
    if (responseHeaders) this.#head.setOwn(responseHeaders({ ...facts, req, res }));
  }
}

function streamRefused(): TRPCError {
  return new TRPCError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'Cannot use stream-like response in non-streaming request - use httpBatchStreamLink',
  });
}

/** Whether an output can only be sent bit by bit, by what it is or by a property of its own. */
function isDataStream(output: unknown): boolean {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return false;
  if (Symbol.asyncIterator in output) return true;
  const values: unknown[] = Object.values(Object(output));
  return values.some((value) => isPromise(value) || isAsyncIterable(value));
}

function isPromise(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  if (Array.isArray(value) || !('then' in value && 'catch' in value)) return false;
  return typeof value.then === 'function' && typeof value.catch === 'function';
}

function isAsyncIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Symbol.asyncIterator in value;
}
