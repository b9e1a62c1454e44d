/**
 * The one file that stands on internals of tRPC: a procedure's `_def.middlewares`, and how tRPC runs them. The public
 * way, calling the procedure, copies all options of the call twice for each middleware, which costs more than the
 * rest of a plain request together. A version of tRPC that is not known to run them like this, and a procedure that
 * is not built like this, are called in the public way.
 */
import {
  getTRPCErrorFromUnknown,
  TRPCError,
  type AnyTRPCProcedure,
  type TRPCProcedureType,
} from '@trpc/server';
import trpc from '@trpc/server/package.json' with { type: 'json' };

/** One call, as a procedure takes it. */
export interface ProcedureCall {
  readonly ctx: unknown;
  readonly getRawInput: () => Promise<unknown>;
  readonly input?: unknown;
  readonly path: string;
  readonly type: TRPCProcedureType;
  readonly signal: AbortSignal;
  readonly batchIndex: number;
}

export type CallEnd = { readonly marker?: string } & (
  | { readonly ok: true; readonly data: unknown; readonly ctx?: unknown }
  | { readonly ok: false; readonly error: TRPCError }
);

/** Runs a procedure. Rejects never: what it throws is its end. */
export type ProcedureRunner = (call: ProcedureCall) => Promise<CallEnd>;

export function runnerOf(
  procedure: AnyTRPCProcedure,
  version: string = trpc.version,
): ProcedureRunner {
  const chain = knownVersion.test(version) ? chainOf(procedure) : null;
  return chain === null ? publicRunner(procedure) : chainRunner(chain);
}

/** The versions whose `callRecursive` was compared with `runFrom`. */
const knownVersion = /^11\.25\.\d+$/;

type Middleware = (options: MiddlewareOptions) => PromiseLike<CallEnd | undefined> | undefined;

interface MiddlewareOptions extends ProcedureCall {
  readonly meta: unknown;
  readonly next: (overrides?: Overrides) => Promise<CallEnd | undefined>;
}

interface Overrides {
  readonly ctx?: object;
  readonly input?: unknown;
  readonly getRawInput?: () => Promise<unknown>;
}

interface Chain {
  readonly middlewares: readonly Middleware[];
  /** What the last middleware runs, where it does nothing else. */
  readonly resolver: Resolver | null;
  readonly meta: unknown;
}

type Resolver = (options: MiddlewareOptions) => unknown;

/** Null for a procedure that is not what a procedure builder of a known version makes, one with a caller of its own too. */
function chainOf({ _def: definition }: AnyTRPCProcedure): Chain | null {
  const known: object = definition;
  const parts: Record<string, unknown> = { ...known };
  const { middlewares, meta, resolver } = parts;
  if (parts['caller'] !== undefined || !isMiddlewares(middlewares)) return null;
  const isResolved = middlewares.at(-1)?.name === 'resolveMiddleware' && isResolver(resolver);
  return { middlewares, meta, resolver: isResolved ? resolver : null };
}

function isResolver(value: unknown): value is Resolver {
  return typeof value === 'function';
}

function isMiddlewares(value: unknown): value is readonly Middleware[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((middleware) => typeof middleware === 'function');
}

function publicRunner(procedure: AnyTRPCProcedure): ProcedureRunner {
  return async (call) => {
    try {
      return { ok: true, data: await procedure(call) };
    } catch (cause) {
      return failed(cause);
    }
  };
}

function chainRunner(chain: Chain): ProcedureRunner {
  return (call) => runFrom(chain, 0, call).then(orNoResult);
}

function orNoResult(end: CallEnd | undefined): CallEnd {
  if (end) return end;
  const message = 'No result from middlewares - did you forget to `return next()`?';
  return failed(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message }));
}

function runFrom(chain: Chain, index: number, call: ProcedureCall): Promise<CallEnd | undefined> {
  const { ctx, getRawInput, path, type, signal, batchIndex, input } = call;
  const { middlewares, meta, resolver } = chain;
  const next = (overrides?: Overrides) =>
    runFrom(chain, index + 1, overrides ? overridden(call, overrides) : call);
  const options = { ctx, getRawInput, path, type, signal, batchIndex, meta, input, next };
  try {
    if (resolver !== null && index === middlewares.length - 1) return resolved(resolver, options);
    const middleware = middlewares[index];
    if (middleware === undefined) throw new TypeError('There is no middleware after the resolver.');
    return Promise.resolve(middleware(options)).then(undefined, failed);
  } catch (cause) {
    return Promise.resolve(failed(cause));
  }
}

/** What the last middleware does, without waiting twice for what it waits for. */
async function resolved(resolver: Resolver, options: MiddlewareOptions): Promise<CallEnd> {
  try {
    const data = await resolver(options);
    return { marker, ok: true, data, ctx: options.ctx };
  } catch (cause) {
    return failed(cause);
  }
}

function overridden(call: ProcedureCall, overrides: Overrides): ProcedureCall {
  const { path, type, signal, batchIndex } = call;
  return {
    ctx: overrides.ctx ? Object.assign({}, call.ctx, overrides.ctx) : call.ctx,
    getRawInput: overrides.getRawInput ?? call.getRawInput,
    input: 'input' in overrides ? overrides.input : call.input,
    path,
    type,
    signal,
    batchIndex,
  };
}

function failed(cause: unknown): CallEnd {
  return { ok: false, error: getTRPCErrorFromUnknown(cause), marker };
}

/** Middlewares are told to hand it on. */
const marker = 'middlewareMarker';
