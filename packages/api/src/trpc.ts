import type { IdempotentRequest } from '@throughline/product-repository';
import { initTRPC } from '@trpc/server';
import type { Scope } from './auth.ts';
import { toErrorShape, toPublicError, withTableCode } from './error-answer.ts';
import type { RequestContext } from './request-context.ts';
import { requireScope } from './require-scope.ts';

/** What a procedure declares of itself. */
interface ProcedureMeta {
  readonly scope: Scope;
}

/** Shorter than proxies let a silent connection live. */
const pingMs = 15_000;
/** Two pings were lost: the connection is gone, though nobody said so. */
const reconnectAfterInactivityMs = 40_000;

const trpc = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    // The stack belongs to the log; the library would else send it wherever NODE_ENV is not "production".
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: pingMs }, client: { reconnectAfterInactivityMs } },
    errorFormatter: ({ error, path, ctx }) =>
      toErrorShape(toPublicError(error, { hasKey: ctx?.idempotencyKey !== undefined }), path),
  });

export const { router } = trpc;

/** Outermost, so that every error below carries the code of our table, refusals of a scope included. */
const baseProcedure = trpc.procedure.use(async ({ ctx, path, type, batchIndex, next }) =>
  ctx.measure({ path, type, batchIndex }, async () => {
    const result = await next();
    return result.ok ? result : { ...result, error: withTableCode(result.error) };
  }),
);

/** For whoever may see the catalogue. */
export const readProcedure = procedureFor('catalog:read');
/** For whoever may change the catalogue; it does not include seeing it. */
export const writeProcedure = procedureFor('catalog:write').use(({ ctx, path, next }) =>
  next({ ctx: { idempotent: idempotentRequest(ctx, path) } }),
);
/** For whoever looks after the cache; never public. */
export const adminProcedure = procedureFor('cache:admin');

/** The library's own builder stays in this file: a procedure without a scope cannot be written. */
function procedureFor(scope: Scope) {
  return baseProcedure.meta({ scope }).use(({ ctx, next }) => {
    requireScope(ctx, scope);
    return next();
  });
}

/** How the caller marked the call as one that may be repeated, if so. Only holders of a token come here. */
function idempotentRequest(
  { auth, idempotencyKey: key }: RequestContext,
  procedure: string,
): IdempotentRequest | undefined {
  if (key === undefined || auth.kind !== 'token') return undefined;
  return { subject: auth.subject, procedure, key };
}
