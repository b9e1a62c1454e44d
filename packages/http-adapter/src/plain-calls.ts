import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { createURL } from '@trpc/server/adapters/node-http';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { IncomingMessage } from 'node:http';
import { CallInputs } from './call-inputs.ts';
import type { HttpHandlerOptions } from './handler-options.ts';
import type { PlainRequest } from './plain-request.ts';
import { readBody } from './request-body.ts';
import { configOf, procedureAt, typeOf } from './router-parts.ts';
import { runnerOf, type ProcedureRunner } from './run-procedure.ts';

/** One call of a procedure that exists and may be called like this. */
export interface PlainCall {
  readonly batchIndex: number;
  readonly path: string;
  readonly procedure: AnyTRPCProcedure;
  readonly run: ProcedureRunner;
  readonly getRawInput: () => Promise<unknown>;
  readonly result: () => unknown;
}

/** All calls of one request, as `createContext` is told of them. */
export class PlainInfo implements TRPCRequestInfo {
  readonly accept = null;
  readonly connectionParams = null;
  readonly type: 'query' | 'mutation';
  readonly isBatchCall: boolean;
  readonly calls: PlainCall[];
  readonly signal: AbortSignal;
  readonly #req: IncomingMessage;

  constructor(calls: PlainCalls, req: IncomingMessage, signal: AbortSignal) {
    this.type = calls.type;
    this.isBatchCall = calls.isBatch;
    this.calls = calls.calls;
    this.signal = signal;
    this.#req = req;
  }

  /** Made when somebody asks for it. */
  get url(): URL {
    return createURL(this.#req);
  }
}

interface PlainCalls {
  readonly type: 'query' | 'mutation';
  readonly isBatch: boolean;
  readonly calls: PlainCall[];
}

/** Finds what a request calls. Null where it is not all queries or all mutations, each by its method. */
export class CallFinder<Router extends AnyTRPCRouter> {
  readonly #options: HttpHandlerOptions<Router>;
  readonly #allowsBatches: boolean;
  readonly #runners = new Map<AnyTRPCProcedure, ProcedureRunner>();

  constructor(options: HttpHandlerOptions<Router>) {
    this.#options = options;
    this.#allowsBatches = options.allowBatching ?? options.batching?.enabled ?? true;
  }

  find(req: IncomingMessage, { path, isBatch, input }: PlainRequest): PlainCalls | null {
    const { router, maxBatchSize = Infinity, maxBodySize } = this.#options;
    const { pathSeparator, transformer } = configOf(router);
    const dotted = pathSeparator === '.' ? path : path.replaceAll(pathSeparator, '.');
    const paths = isBatch ? dotted.split(',') : [dotted];
    if (isBatch && (!this.#allowsBatches || paths.length > maxBatchSize)) return null;

    const inputs = new CallInputs({
      text: () => (req.method === 'GET' ? input : readBody(req, maxBodySize)),
      batchSize: isBatch ? paths.length : undefined,
      deserialize: (value) => transformer.input.deserialize(value),
    });
    const calls: PlainCall[] = [];
    const type = this.#typeFor(req, paths[0]);
    for (const each of paths) {
      const procedure = procedureAt(router, each);
      if (procedure === undefined || typeOf(procedure) !== type) return null;
      const batchIndex = calls.length;
      calls.push({
        batchIndex,
        path: each,
        procedure,
        run: this.#runnerOf(procedure),
        getRawInput: () => inputs.read(batchIndex),
        result: () => inputs.known(batchIndex),
      });
    }
    return type === null ? null : { type, isBatch, calls };
  }

  /** The type that the first call has, where the method fits it. */
  #typeFor({ method }: IncomingMessage, path = ''): 'query' | 'mutation' | null {
    const { router, allowMethodOverride } = this.#options;
    const first = procedureAt(router, path);
    const type = first && typeOf(first);
    if (type === 'mutation') return method === 'POST' ? type : null;
    if (type !== 'query') return null;
    return method === 'GET' || allowMethodOverride ? type : null;
  }

  #runnerOf(procedure: AnyTRPCProcedure): ProcedureRunner {
    const known = this.#runners.get(procedure);
    if (known !== undefined) return known;
    const runner = runnerOf(procedure);
    this.#runners.set(procedure, runner);
    return runner;
  }
}
