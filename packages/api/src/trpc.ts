import { initTRPC } from '@trpc/server';
import type { Scope } from './auth.ts';
import { toErrorShape, toPublicError, withTableCode } from './error-answer.ts';
import type { RequestContext } from './request-context.ts';
import { requireScope } from './require-scope.ts';

/** What a procedure declares of itself. */
interface ProcedureMeta {
  readonly scope: Scope;
}

const trpc = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    // The stack belongs to the log; the library would else send it wherever NODE_ENV is not "production".
    isDev: false,
    errorFormatter: ({ error, path }) => toErrorShape(toPublicError(error), path),
  });

export const { router } = trpc;

/** Outermost, so that every error below carries the code of our table, refusals of a scope included. */
const baseProcedure = trpc.procedure.use(async ({ next }) => {
  const result = await next();
  return result.ok ? result : { ...result, error: withTableCode(result.error) };
});

/** For whoever may see the catalogue. */
export const readProcedure = procedureFor('catalog:read');
/** For whoever may change the catalogue; it does not include seeing it. */
export const writeProcedure = procedureFor('catalog:write');
/** For whoever looks after the cache; never public. */
export const adminProcedure = procedureFor('cache:admin');

/** The library's own builder stays in this file: a procedure without a scope cannot be written. */
function procedureFor(scope: Scope) {
  return baseProcedure.meta({ scope }).use(({ ctx, next }) => {
    requireScope(ctx, scope);
    return next();
  });
}
