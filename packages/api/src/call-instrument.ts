import type { TRPCError } from '@trpc/server';

/** One call of a procedure of ours, for example `{ path: 'product.byId', type: 'query', batchIndex: 0 }`. */
export interface ProcedureCall {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Its place in the batch; 0 where there is none. */
  readonly batchIndex: number;
}

/** How a call ended: with an answer, or with an error that carries the code of the error table. */
export type CallEnd = { readonly ok: true } | { readonly ok: false; readonly error: TRPCError };

/** The seam for telemetry: runs the call, observes it, and hands its end on unchanged. */
export type CallInstrument = <End extends CallEnd>(
  call: ProcedureCall,
  run: () => Promise<End>,
) => Promise<End>;
