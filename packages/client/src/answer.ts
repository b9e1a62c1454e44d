import type { AppRouter } from '@throughline/api';
import type { Operation, TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { type HttpAnswer, responseOf, toHttpAnswer } from './client-error.ts';

/** What is known of one call that was answered, by the service or by something in front of it. */
export interface Answer {
  /** The procedure, such as `product.byId`. */
  readonly path: string;
  readonly type: 'query' | 'mutation';
  readonly input: unknown;
  /** The HTTP status; for a refusal within a batch the one that it would have had alone. */
  readonly status: number;
  /** Where the answer came from, by the header `x-cache`; undefined where the answer does not tell. */
  readonly cache: CacheWord | undefined;
  /** 32 hexadecimal digits of the header `traceparent`. */
  readonly traceId: string | undefined;
  /** From the call to its answer as the caller waited: with all attempts, pauses and the asking for a token. */
  readonly durationMs: number;
  /** Whether the mutation had taken place before, and this is the answer that it got then: `idempotency-replayed`. */
  readonly isReplay: boolean;
  /** How long the service waited for its stores, by the header `server-timing`. */
  readonly serverTiming: ServerTiming;
}

/** `hit`: from the cache. `miss`: from the database, and into the cache. `bypass`: from the database alone. */
export type CacheWord = 'hit' | 'miss' | 'bypass' | 'none';

export interface ServerTiming {
  readonly cacheMs?: number;
  readonly dbMs?: number;
}

/** Tells of the last answer that each call got. It sees no call that ended without one. */
export function answerLink(onAnswer: (answer: Answer) => void): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const beganAtMs = performance.now();
        const tell = (response: HttpAnswer | undefined, refusedStatus?: number) => {
          if (!response) return;
          const durationMs = performance.now() - beganAtMs;
          report(() => onAnswer(toAnswer(op, response, { durationMs, refusedStatus })));
        };
        return next(op).subscribe({
          next: (value) => {
            tell(toHttpAnswer(value.context?.['response']));
            observer.next(value);
          },
          error: (err) => {
            tell(responseOf(err), err.data?.httpStatus);
            observer.error(err);
          },
          complete: () => observer.complete(),
        });
      });
}

interface Seen {
  readonly durationMs: number;
  readonly refusedStatus: number | undefined;
}

function toAnswer(op: Operation, { status, headers }: HttpAnswer, seen: Seen): Answer {
  return {
    path: op.path,
    type: op.type === 'mutation' ? 'mutation' : 'query',
    input: op.input,
    status: seen.refusedStatus ?? status,
    cache: cacheWords.find((word) => word === headers.get('x-cache')),
    traceId: headers.get('traceparent')?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-/)?.[1],
    durationMs: seen.durationMs,
    isReplay: headers.get('idempotency-replayed') === 'true',
    serverTiming: toServerTiming(headers.get('server-timing') ?? ''),
  };
}

const cacheWords = ['hit', 'miss', 'bypass', 'none'] as const satisfies CacheWord[];

function toServerTiming(header: string): ServerTiming {
  const durationMs = (name: string) => {
    const part = header.split(',').find((text) => text.trim().startsWith(`${name};`));
    return Number.parseFloat(part?.match(/;\s*dur=([\d.]+)/)?.[1] ?? '');
  };
  const cacheMs = durationMs('cache');
  const dbMs = durationMs('db');
  return {
    ...(!Number.isNaN(cacheMs) && { cacheMs }),
    ...(!Number.isNaN(dbMs) && { dbMs }),
  };
}

/** What a callback throws is nobody's answer: it becomes an uncaught error, like that of a listener of events. */
function report(callback: () => void): void {
  try {
    callback();
  } catch (err) {
    queueMicrotask(() => {
      throw err;
    });
  }
}
