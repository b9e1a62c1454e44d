import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { RequestListener } from 'node:http';
import type { HttpHandlerOptions } from '../handler-options.ts';
import { createHttpHandler } from '../http-handler.ts';
import { typeOf } from '../router-parts.ts';
import { openRawServer, type RawAnswer } from './raw-exchange.ts';
import { createTestRouter, type TestRouterOptions } from './test-router.ts';

export type TestRouter = ReturnType<typeof createTestRouter>;
export type TestHandlerOptions = Partial<Omit<HttpHandlerOptions<TestRouter>, 'router'>>;

/** What an adapter answered, and what it told the options that it was given, in order. */
export interface Observed {
  readonly answer: RawAnswer;
  readonly told: readonly unknown[];
}

export interface BothAdapters extends AsyncDisposable {
  /** Answers of tRPC's own adapter and of ours to the same bytes. */
  observe(
    request: string | Uint8Array,
    isCutOff?: boolean,
  ): Promise<[theirs: Observed, ours: Observed]>;
}

/** Serves the same router through both, each with a router of its own, as lazy ones load once. */
export async function openBothAdapters(
  options: TestHandlerOptions = {},
  routerOptions: TestRouterOptions = {},
): Promise<BothAdapters> {
  const theirs = await openAdapter((all) => createHTTPHandler(all), options, routerOptions);
  const ours = await openAdapter((all) => createHttpHandler(all), options, routerOptions);
  return {
    observe: (request, isCutOff) =>
      Promise.all([theirs.observe(request, isCutOff), ours.observe(request, isCutOff)]),
    [Symbol.asyncDispose]: async () => {
      await theirs[Symbol.asyncDispose]();
      await ours[Symbol.asyncDispose]();
    },
  };
}

async function openAdapter(
  create: (options: HttpHandlerOptions<TestRouter>) => RequestListener,
  options: TestHandlerOptions,
  routerOptions: TestRouterOptions,
) {
  let told: unknown[] = [];
  const { createContext, responseMeta, ...others } = options;
  const handle = create({
    router: createTestRouter(routerOptions),
    basePath: '/api',
    maxBodySize: 2_000,
    maxBatchSize: 12,
    createContext: async (given) => {
      const { calls, signal, url, ...info } = given.info;
      const paths = calls.map(({ path, batchIndex, procedure }) => [
        path,
        batchIndex,
        procedure && typeOf(procedure),
      ]);
      told.push({
        context: info,
        paths,
        aborted: signal.aborted,
        at: url?.href.replace(/:\d+/, ''),
      });
      return (await createContext?.(given)) ?? { caller: 'Ann', res: given.res };
    },
    onError: ({ error, type, path, input, ctx, req }) =>
      told.push({
        error: [error.code, plainText(error.message)],
        type,
        path,
        input: inputOf(input),
        caller: ctx?.caller,
        url: req.url,
      }),
    responseMeta: (facts) => {
      const { ctx, info, errors, data, paths, type, eagerGeneration } = facts;
      const calls = info?.calls.map((call) => [call.path, inputOf(call.result())]);
      const about = { paths, type, eagerGeneration, calls, caller: ctx?.caller };
      told.push({ meta: about, errors: errors.map(({ code }) => code), answers: data.map(kindOf) });
      return responseMeta?.(facts) ?? {};
    },
    ...others,
  });
  const server = await openRawServer(handle);
  return {
    async observe(request: string | Uint8Array, isCutOff?: boolean): Promise<Observed> {
      told = [];
      return { answer: await server.exchange(request, isCutOff), told };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function kindOf(answer: object): string[] {
  return Object.keys(answer);
}

function inputOf(input: unknown): unknown {
  return input instanceof ReadableStream ? 'a stream' : input;
}

/** Node names the method that came too late, which is another one. */
function plainText(message: string): string {
  return message.replace('Cannot write headers', 'Cannot set headers');
}
