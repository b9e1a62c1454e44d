import type { Logger } from '@throughline/telemetry';
import type { EventEmitter } from 'node:events';
import { limits } from './limits.ts';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Where signals arrive: the process. */
  readonly source: EventEmitter;
  readonly exit: (code: number) => void;
  /** Monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

/**
 * Turns the first SIGTERM or SIGINT into an aborted signal, on which the process stops gently. One that comes
 * clearly later means that someone has no more patience, and ends the process at once.
 */
export function listenForShutdown(options: ShutdownOptions): AbortSignal {
  const { logger, source, exit, nowMs = () => performance.now() } = options;
  const controller = new AbortController();
  let firstAtMs = 0;
  for (const name of ['SIGTERM', 'SIGINT']) {
    source.on(name, () => {
      if (controller.signal.aborted) {
        if (nowMs() - firstAtMs < limits.sameSignalMs) return;
        logger.warn({ signal: name }, 'stopping at once');
        exit(1);
        return;
      }
      logger.info({ signal: name }, 'stopping');
      firstAtMs = nowMs();
      controller.abort();
    });
  }
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

/** Resolves after so long, or when the signal is aborted. Keeps no process alive. */
export async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  // A signal made by AbortSignal.any of AbortSignal.timeout may be collected as garbage before its time.
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms).unref();
  const onAbort = () => resolve();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', onAbort);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
}
