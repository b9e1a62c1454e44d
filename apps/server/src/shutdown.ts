import type { Logger } from '@throughline/telemetry';
import type { EventEmitter } from 'node:events';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Where signals arrive: the process. */
  readonly source: EventEmitter;
  readonly exit: (code: number) => void;
}

/**
 * Turns the first SIGTERM or SIGINT into an aborted signal, on which the process stops gently; the next one
 * means that someone has no more patience and ends it at once.
 */
export function listenForShutdown({ logger, source, exit }: ShutdownOptions): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT']) {
    source.on(name, () => {
      if (controller.signal.aborted) {
        logger.warn({ signal: name }, 'stopping at once');
        exit(1);
        return;
      }
      logger.info({ signal: name }, 'stopping');
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
