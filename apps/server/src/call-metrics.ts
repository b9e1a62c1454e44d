import {
  type AppRouter,
  type CallEnd,
  type CallInstrument,
  type ProcedureCall,
  type RequestErrorCode,
  toPublicError,
} from '@throughline/api';
import type { Metrics, Observer, Tally } from '@throughline/telemetry';
import { shedCodes } from './shed-codes.ts';

/** A call that failed, as the adapter tells it. */
export interface FailedCall {
  readonly error: unknown;
  readonly path?: string | undefined;
  readonly req: { readonly method?: string | undefined };
}

interface CallEnding {
  readonly code: string;
  readonly errorClass: 'none' | 'client' | 'server';
}

/**
 * Counts calls, and requests that never became one. Procedures tell of their own calls; the adapter tells of
 * all that failed, of which those that reached no procedure are counted here.
 */
export class CallMetrics {
  readonly #metrics: Pick<Metrics, 'histogram' | 'count' | 'counter'>;
  readonly #batchSize: Observer;
  readonly #types = new Map<string, ProcedureCall['type']>();
  readonly #tallies = new Map<string, Tally>();
  /** Of calls that were answered, by path. */
  readonly #answered = new Map<string, Tally>();
  readonly #told = new WeakSet<Error>();
  #inFlight = 0;

  constructor(metrics: Pick<Metrics, 'histogram' | 'count' | 'counter'>, router: AppRouter) {
    this.#metrics = metrics;
    this.#batchSize = metrics.histogram('trpc_batch_size', {});
    for (const call of proceduresOf(router)) {
      this.#types.set(call.path, call.type);
      for (const ending of ownFaults) this.#tallyOf(call.path, call.type, ending);
      this.#answered.set(call.path, this.#tallyOf(call.path, call.type, answered));
    }
  }

  /** Calls that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  readonly measure: CallInstrument = (call, run) => {
    this.#inFlight += 1;
    return run().then(
      (end) => {
        this.#inFlight -= 1;
        this.#tell(call, end);
        return end;
      },
      (err: unknown) => {
        this.#inFlight -= 1;
        throw err;
      },
    );
  };

  /** A request has been understood: it carries so many calls. */
  accepted(callCount: number): void {
    this.#batchSize(callCount);
  }

  /** A request was refused by its head, its token or its number. */
  rejected(reason: RequestErrorCode | 'auth' | 'rate'): void {
    this.#metrics.count('http_rejected_total', { reason: reasonOf(reason) });
  }

  failed({ error, path, req }: FailedCall): void {
    if (error instanceof Error && this.#told.has(error)) return;
    if (path === undefined) {
      const isTooLarge = toPublicError(error).serviceCode === 'BODY_TOO_LARGE';
      return this.rejected(isTooLarge ? 'BODY_TOO_LARGE' : 'REQUEST_MALFORMED');
    }
    const type = this.#types.get(path) ?? (req.method === 'POST' ? 'mutation' : 'query');
    this.#tallyOf(path, type, endingOf(error))();
  }

  #tell({ path, type }: ProcedureCall, end: CallEnd): void {
    const tally = end.ok ? this.#answered.get(path) : undefined;
    if (tally !== undefined) return tally();
    if (!end.ok) {
      this.#told.add(end.error);
      if (shedCodes.has(toPublicError(end.error).serviceCode)) this.rejected('OVERLOADED');
    }
    this.#tallyOf(path, type, end.ok ? answered : endingOf(end.error))();
  }

  #tallyOf(path: string, type: ProcedureCall['type'], { code, errorClass }: CallEnding): Tally {
    const operation = this.#types.has(path) ? operationOf(path) : 'unknown';
    const key = `${operation} ${type} ${code}`;
    const found = this.#tallies.get(key);
    if (found !== undefined) return found;
    const labels = { operation, type, code, error_class: errorClass };
    const tally = this.#metrics.counter('trpc_requests_total', labels);
    this.#tallies.set(key, tally);
    return tally;
  }
}

const answered: CallEnding = { code: 'OK', errorClass: 'none' };

/** Alerts ask for their increase, which starts from zero and not from the first of them. */
const ownFaults: readonly CallEnding[] = [
  { code: 'INTERNAL_SERVER_ERROR', errorClass: 'server' },
  { code: 'SERVICE_UNAVAILABLE', errorClass: 'server' },
];

function endingOf(error: unknown): CallEnding {
  const { trpcCode, httpStatus, serviceCode } = toPublicError(error);
  const isOurs = httpStatus >= 500 && !shedCodes.has(serviceCode);
  return { code: trpcCode, errorClass: isOurs ? 'server' : 'client' };
}

/** As the other metrics name the operations of the repository. */
function operationOf(path: string): string {
  return path.replace(/^product\./, '');
}

function reasonOf(reason: RequestErrorCode | 'auth' | 'rate') {
  switch (reason) {
    case 'auth':
    case 'rate':
      return reason;
    case 'URL_TOO_LONG':
    case 'BODY_TOO_LARGE':
      return 'size';
    case 'BATCH_TOO_LARGE':
    case 'IDEMPOTENCY_KEY_BATCHED':
      return 'batch';
    case 'OVERLOADED':
      return 'overload';
    default:
      return 'malformed';
  }
}

export function proceduresOf(router: AppRouter): Pick<ProcedureCall, 'path' | 'type'>[] {
  const { _def: definition } = router;
  return Object.entries<unknown>(definition.procedures).flatMap(([path, procedure]) => {
    if (!isProcedure(procedure)) return [];
    const { _def: declared } = procedure;
    return [{ path, type: declared.type }];
  });
}

function isProcedure(value: unknown): value is { _def: { type: ProcedureCall['type'] } } {
  return typeof value === 'function' && '_def' in value;
}
