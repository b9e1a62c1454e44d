import { initTRPC, lazy, TRPCError, type TRPCDataTransformer } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';

export interface TestContext {
  readonly caller: string;
  readonly res: ServerResponse;
}

export interface TestRouterOptions {
  readonly transformer?: TRPCDataTransformer;
  /** `more` adds to the shape of errors what the formatter was told; `nothing` throws. */
  readonly formats?: 'more' | 'nothing';
  readonly pathSeparator?: '~';
}

/** Marks what it has seen, so that nothing passes by it unnoticed. */
export const markingTransformer: TRPCDataTransformer = {
  serialize: (value: unknown) => ({ marked: JSON.stringify(value) }),
  deserialize: (value: unknown): unknown => JSON.parse(marked.parse(value).marked),
};

const marked = z.object({ marked: z.string() });

/** A router with one procedure for each thing that a procedure may do to its adapter. */
export function createTestRouter(options: TestRouterOptions = {}) {
  const t = createRoot(options);
  const byId = t.procedure.input(z.object({ id: z.number() }));
  const late = t.router({ byId: byId.query(({ input }) => ({ ...input, late: true })) });
  return t.router({
    ...outputs(t),
    ...failures(t),
    ...middlewares(t),
    echo: t.procedure.input(z.unknown()).query(({ input }) => ({ input })),
    byId: byId.query(({ input }) => ({ ...input, name: 'é€😀' })),
    merged: byId.input(z.object({ size: z.number().default(3) })).query(({ input }) => input),
    set: t.procedure.input(z.unknown()).mutation(({ input }) => ({ was: input })),
    setById: byId.mutation(({ input }) => input.id),
    ticks: t.procedure.input(z.unknown()).subscription(async function* ({ input }) {
      yield { input };
      yield 'second';
    }),
    seen: t.procedure.subscription(() =>
      observable<number>((observer) => {
        observer.next(1);
        observer.complete();
      }),
    ),
    nested: { deep: t.router({ er: t.procedure.query(() => 'deep') }) },
    late: lazy(() => Promise.resolve(late)),
  });
}

type Root = ReturnType<typeof createRoot>;

function createRoot({ transformer, formats, pathSeparator }: TestRouterOptions) {
  return initTRPC
    .context<TestContext>()
    .meta<{ readonly note: string }>()
    .create({
      isDev: false,
      ...(transformer && { transformer }),
      ...(pathSeparator && { pathSeparator }),
      errorFormatter: ({ shape, error, input, ctx, path, type }) => {
        if (formats === 'nothing') throw new Error('The formatter is broken.');
        if (formats === undefined) return shape;
        const cause = error.cause?.constructor.name;
        return { ...shape, data: { ...shape.data, cause, input, caller: ctx?.caller, path, type } };
      },
    });
}

function outputs(t: Root) {
  return {
    hello: t.procedure.query(({ ctx }) => `Hello, ${ctx.caller}!`),
    nothing: t.procedure.query(() => undefined),
    nil: t.procedure.query(() => null),
    date: t.procedure.query(() => ({ at: new Date(0), map: new Map([[1, 2]]), nan: Number.NaN })),
    big: t.procedure.query(() => 1n),
    circle: t.procedure.query(() => {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      return circle;
    }),
    promise: t.procedure.query(() => Promise.resolve('later')),
    nestedPromise: t.procedure.query(() => ({ later: Promise.resolve(1) })),
    generator: t.procedure.query(async function* () {
      yield 1;
      yield 2;
    }),
    list: t.procedure.query(() => Array.from({ length: 1000 }, (_, index) => ({ index }))),
    checked: t.procedure
      .input(z.unknown())
      .output(z.object({ id: z.literal(1) }))
      .query(({ input }) => JSON.parse(JSON.stringify(input))),
    setsStatus: t.procedure.query(({ ctx }) => {
      ctx.res.statusCode = 202;
      ctx.res.setHeader('vary', 'origin');
      ctx.res.setHeader('x-set', 'by a procedure');
      return 1;
    }),
    answersItself: t.procedure.query(({ ctx }) => {
      ctx.res.writeHead(200, { 'x-set': 'by a procedure' }).write('own');
      return 1;
    }),
  };
}

function failures(t: Root) {
  return {
    throwsOwn: t.procedure.input(z.unknown()).query(() => {
      const cause = new RangeError('cause');
      throw new TRPCError({ code: 'NOT_FOUND', message: 'Not <here> "é"', cause });
    }),
    throwsOther: t.procedure.query(() => {
      throw new Error('other');
    }),
    throwsText: t.procedure.query(() => Promise.reject<number>('text')),
    throwsNothing: t.procedure.query(() => Promise.reject<number>(undefined)),
    throwsObject: t.procedure.query(() => Promise.reject<number>({ message: 'odd', code: 3 })),
    throwingParser: t.procedure
      .input((): number => {
        throw new Error('The parser is broken.');
      })
      .query(({ input }) => input),
    conflict: t.procedure.mutation(() => {
      throw new TRPCError({ code: 'CONFLICT' });
    }),
  };
}

function middlewares(t: Root) {
  return {
    extended: t.procedure
      .use(async ({ next, path, type, batchIndex, getRawInput }) =>
        next({ ctx: { extra: { path, type, batchIndex, raw: await getRawInput() } } }),
      )
      .meta({ note: 'noted' })
      .use(({ next, meta, signal }) => next({ ctx: { meta, isAborted: signal?.aborted } }))
      .query(({ ctx }) => ({ ...ctx, res: null })),
    replaced: t.procedure
      .use(({ next }) => next({ input: { replaced: true } }))
      .use(({ next }) => next({ getRawInput: () => Promise.resolve({ id: 7 }) }))
      .input(z.object({ id: z.number() }))
      .query(({ input }) => input),
    keys: t.procedure
      .use((call) => call.next({ ctx: { keys: Object.keys(call).sort() } }))
      .query((call) => [call.ctx.keys, Object.keys(call).sort()]),
    changesError: t.procedure
      .use(async ({ next }) => {
        const end = await next();
        if (end.ok) return end;
        return { ...end, error: new TRPCError({ code: 'CONFLICT', cause: end.error }) };
      })
      .query(() => {
        throw new Error('changed');
      }),
    changesData: t.procedure
      .use(async ({ next }) => ({ ...(await next()), data: 'changed' }))
      .query(() => 1),
    forgetsNext: t.procedure.use(() => Promise.resolve(JSON.parse('null'))).query(() => 1),
    throwsBefore: t.procedure
      .use(async ({ getRawInput }) => {
        await getRawInput();
        throw new TRPCError({ code: 'TOO_MANY_REQUESTS' });
      })
      .query(() => 1),
    formatsItself: t.procedure
      .errors(({ shape }) => ({ ...shape, message: 'Formatted.' }))
      .query(() => {
        throw new TRPCError({ code: 'FORBIDDEN' });
      }),
  };
}
