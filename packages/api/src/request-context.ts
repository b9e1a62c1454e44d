import type { OperationResult } from '@throughline/product-repository';
import type { CacheOutcome } from '@throughline/write-through';
import type { CallInstrument } from './call-instrument.ts';
import type { Access } from './require-scope.ts';

/** How long one HTTP request spent where, in milliseconds; filled while its calls run. */
export interface RequestTiming {
  readonly cacheMs: number;
  readonly databaseMs: number;
}

/** What one HTTP request brings along, shared by every call of a batch. */
export interface RequestContext extends Access {
  readonly timing: RequestTiming;
  /** Runs around every call. */
  readonly measure: CallInstrument;
  /** Whether an answer may come bit by bit. */
  readonly takesStream: boolean;
  /** The idempotency key that came with the request, valid and for one mutation. */
  readonly idempotencyKey?: string | undefined;
  /** One entry for each call that the repository answered. */
  readonly outcomes: readonly CacheOutcome[];
  /** Whether a call was answered with the first answer to the same call. */
  readonly hasReplayed: boolean;
  /** Throws TooManyProductsError if the requests in flight, this one with them, ask for more products than a process holds. */
  readonly askFor: (products: number) => void;
  /** Notes how the cache took part in an answer and returns its value. */
  answer<T>(result: OperationResult<T>): T;
}

export function createRequestContext(
  request: Access &
    Pick<RequestContext, 'timing' | 'idempotencyKey'> &
    Partial<Pick<RequestContext, 'takesStream' | 'measure' | 'askFor'>>,
): RequestContext {
  const outcomes: CacheOutcome[] = [];
  // One shape for every request: property by property, and no accessor, as either is made anew for each.
  const context = {
    auth: request.auth,
    publicReads: request.publicReads,
    timing: request.timing,
    measure: request.measure ?? unmeasured,
    takesStream: request.takesStream ?? false,
    idempotencyKey: request.idempotencyKey,
    outcomes,
    hasReplayed: false,
    askFor: request.askFor ?? unbounded,
    answer<T>(result: OperationResult<T>): T {
      outcomes.push(result.outcome);
      context.hasReplayed ||= result.replayed ?? false;
      return result.value;
    },
  };
  return context;
}

const unmeasured: CallInstrument = async (_, run) => run();
const unbounded = () => {};
