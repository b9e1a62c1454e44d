import type { RequestErrorCode } from '@throughline/api';
import type { Logger } from '@throughline/telemetry';
import { limits } from './limits.ts';

/** Why a request was refused before its body was read. */
export type EarlyRefusal = RequestErrorCode | 'RATE_LIMITED' | 'TOO_MANY_CONNECTIONS';

/**
 * Tells of requests that were refused before their bodies were read: one line a second at most, with how many there were of
 * each kind. They come when there is too much to do already, and anybody can send them: a line for each would cost more
 * than the refusal, and fill the disk.
 */
export class RefusalLog implements Disposable {
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #counts = new Map<EarlyRefusal, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Pick<Logger, 'warn'>) {
    this.#logger = logger;
  }

  note(refusal: EarlyRefusal): void {
    this.#timer ??= setTimeout(() => this.#tell(), limits.refusalLogMs).unref();
    this.#counts.set(refusal, (this.#counts.get(refusal) ?? 0) + 1);
  }

  /** Tells at once what it has not told yet. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (this.#counts.size > 0) this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    const refused = Object.fromEntries(this.#counts);
    this.#counts.clear();
    this.#logger.warn({ refused }, 'requests were refused unread');
  }
}
