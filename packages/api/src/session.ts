import type { Auth } from './auth.ts';

/** The longest that a timer can be set to. Whoever follows for longer connects anew. */
const timerMaxMs = 2_147_483_647;

/**
 * For how long a caller may go on being told: until the request ends, or the token that came with it has expired. The
 * signal is then aborted without an error, so that the client connects again, with a new token if it has one; with the old one it
 * is refused as any call is. To be disposed of when nobody is told any more.
 */
export class Session implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(auth: Auth, request: AbortSignal) {
    if (auth.kind !== 'token') {
      this.signal = request;
      return;
    }
    const expiry = new AbortController();
    const leftMs = Math.min(auth.expiresAtMs - Date.now(), timerMaxMs);
    this.#timer = setTimeout(() => expiry.abort(), leftMs).unref();
    this.signal = AbortSignal.any([request, expiry.signal]);
    this.signal.addEventListener('abort', () => this[Symbol.dispose](), { once: true });
    if (this.signal.aborted) this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
