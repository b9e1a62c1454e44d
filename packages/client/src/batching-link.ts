import type { AppRouter } from '@throughline/api';
import { httpBatchStreamLink, type HTTPBatchStreamLinkOptions, type TRPCLink } from '@trpc/client';
import { callOf } from './call.ts';

type Batch = ReturnType<TRPCLink<AppRouter>>;
type Options = HTTPBatchStreamLinkOptions<AppRouter['_def']['_config']['$types']>;

/**
 * Calls of one tick in one request, if they go on with the same trace: a request has the headers of one only, and a
 * server has calls of many traces under way at once.
 */
export function batchingLink(options: Options): TRPCLink<AppRouter> {
  return (runtime) => {
    const batches = new Map<string, Batch>();
    return ({ op, next }) => {
      const trace = JSON.stringify(callOf(op).traceHeaders);
      let batch = batches.get(trace);
      if (!batch) {
        batch = httpBatchStreamLink<AppRouter>(options)(runtime);
        batches.set(trace, batch);
        // What comes later begins another, so that traces that have ended leave nothing behind.
        setTimeout(() => batches.delete(trace));
      }
      return batch({ op, next });
    };
  };
}
