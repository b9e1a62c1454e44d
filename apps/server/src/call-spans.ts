import { type CallInstrument, toPublicError } from '@throughline/api';
import { withSpan } from '@throughline/telemetry';

/** Runs every call in a span of its own, so that a batch is one request with as many spans beneath it. */
export const callSpans: CallInstrument = async ({ path, type, batchIndex }, run) => {
  const attributes = {
    'rpc.system.name': 'trpc',
    'rpc.method': path,
    'trpc.type': type,
    'trpc.batch_index': batchIndex,
  };
  return withSpan(`trpc/${path}`, attributes, async (span) => {
    const end = await run();
    if (span === undefined) return end;
    const { trpcCode, httpStatus } = end.ok ? answered : toPublicError(end.error);
    span.set({ 'rpc.status_code': trpcCode });
    // A caller's mistake is no fault of this service.
    if (httpStatus >= 500) span.fail(trpcCode);
    return end;
  });
};

const answered = { trpcCode: 'OK', httpStatus: 200 };

/** One instrument of two: the outer one sees the call with the inner one around it. */
export function composeCallInstruments(
  outer: CallInstrument,
  inner: CallInstrument,
): CallInstrument {
  return (call, run) => outer(call, () => inner(call, run));
}
