import { getTRPCErrorFromUnknown, initTRPC, TRPCError, type AnyTRPCProcedure } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runnerOf, type CallEnd } from './run-procedure.ts';

const t = initTRPC.context<{ readonly name: string }>().meta<{ readonly note: string }>().create();
const seeing = t.procedure.use((call) => call.next({ ctx: { seen: seenOf(call) } }));

const procedures = {
  plain: t.procedure.query((call) => seenOf(call)),
  'with what each middleware sees': seeing
    .meta({ note: 'noted' })
    .input(z.object({ id: z.number() }))
    .use((call) => call.next({ ctx: { later: seenOf(call) } }))
    .query((call) => [call.ctx, seenOf(call)]),
  'with inputs that are merged': t.procedure
    .input(z.object({ id: z.number() }))
    .input(z.object({ size: z.number().default(1) }))
    .query(({ input }) => input),
  'with an input put in its place': t.procedure
    .use(({ next }) => next({ input: undefined }))
    .use(({ next }) => next({ getRawInput: () => Promise.resolve('other') }))
    .input(z.string())
    .query(({ input }) => input),
  'that refuses its input': t.procedure.input(z.string()).query(({ input }) => input),
  'that calls next twice': t.procedure
    .use(async ({ next }) => {
      await next();
      return next({ ctx: { name: 'second' } });
    })
    .query(({ ctx }) => ctx.name),
  'that throws': t.procedure.query(() => {
    throw new TRPCError({ code: 'CONFLICT' });
  }),
  'that throws at once, in a middleware': t.procedure
    .use(() => {
      throw new RangeError('at once');
    })
    .query(() => 1),
  'whose middleware sees the failure': t.procedure
    .use(async ({ next, ctx }) => {
      const end = await next();
      return { ...end, ok: true, data: [Object.keys(end), ctx] };
    })
    .query(() => {
      throw new Error('seen');
    }),
  'whose middleware forgets next': t.procedure
    .use(() => Promise.resolve(JSON.parse('null')))
    .query(() => 1),
  'whose middleware answers itself': t.procedure
    .use(() => JSON.parse('{ "ok": true, "data": "own", "marker": "middlewareMarker" }'))
    .query(() => 1),
};

describe.each(Object.entries<AnyTRPCProcedure>(procedures))('a procedure %s', (_, procedure) => {
  test('ends as if it had been called in the public way', async () => {
    const call = {
      ctx: { name: 'Ann' },
      getRawInput: () => Promise.resolve({ id: 1 }),
      path: 'a.path',
      type: 'query',
      signal: new AbortController().signal,
      batchIndex: 3,
    } as const;
    expect(comparable(await runnerOf(procedure)(call))).toEqual(
      comparable(await publicEnd(() => procedure(call))),
    );
  });
});

test.each(['11.24.0', '11.26.0', '12.0.0', '11.25.0-canary.1'])(
  'with tRPC %s, which it was not compared with, a procedure is called in the public way',
  async (version) => {
    const called: unknown[] = [];
    const procedure = Object.assign(
      (call: unknown) => Promise.resolve(called.push(call)),
      t.procedure.query(() => 1),
    );
    await runnerOf(procedure, version)(anyCall);
    expect(called).toEqual([anyCall]);
    await runnerOf(procedure)(anyCall);
    expect(called).toHaveLength(1);
  },
);

test.each([
  ['without middlewares', { middlewares: undefined }],
  ['with none', { middlewares: [] }],
  ['with some that are none', { middlewares: [1] }],
  ['with a caller of its own', { caller: () => 1 }],
])('a procedure %s is called in the public way', async (_, odd) => {
  const procedure = t.procedure.query(() => 1);
  const { _def: definition } = procedure;
  const changed = Object.assign(publicly, procedure, { _def: { ...definition, ...odd } });
  expect(await runnerOf(changed)(anyCall)).toEqual({ ok: true, data: 'public' });
});

function publicly(): Promise<string> {
  return Promise.resolve('public');
}

const anyCall = {
  ctx: {},
  getRawInput: () => Promise.resolve(undefined),
  path: 'a',
  type: 'query',
  signal: new AbortController().signal,
  batchIndex: 0,
} as const;

function seenOf(call: object): unknown[] {
  return Object.entries<unknown>({ ...call })
    .map(([name, value]) => [name, isOpaque(value) ? typeof value : value])
    .sort(([one], [other]) => String(one).localeCompare(String(other)));
}

function isOpaque(value: unknown): boolean {
  return typeof value === 'function' || value instanceof AbortSignal;
}

async function publicEnd(run: () => Promise<unknown>): Promise<CallEnd> {
  try {
    return { ok: true, data: await run() };
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause) };
  }
}

function comparable(end: CallEnd): unknown {
  return end.ok
    ? { data: end.data }
    : { code: end.error.code, message: end.error.message, cause: end.error.cause };
}
