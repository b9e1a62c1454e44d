import { limits } from './limits.ts';

type ReadinessState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'serving'; readonly ping: () => Promise<void> }
  | { readonly kind: 'stopping' };

/** Why the process should get no requests. */
export type UnreadyReason = 'starting' | 'stopping' | 'database unreachable' | 'no worker answers';

/**
 * Whether this process should get requests: it moves from starting to serving to stopping and never back,
 * and while it serves, PostgreSQL decides. Redis never does: without it reads go on.
 */
export class Readiness {
  #state: ReadinessState = { kind: 'starting' };
  readonly #pingMs: number;

  constructor(pingMs: number = limits.pingMs) {
    this.#pingMs = pingMs;
  }

  /** Everything was started; from now on `ping` is asked whether PostgreSQL answers. */
  serve(ping: () => Promise<void>): void {
    if (this.#state.kind === 'starting') this.#state = { kind: 'serving', ping };
  }

  stop(): void {
    this.#state = { kind: 'stopping' };
  }

  /** Null where the process is ready. */
  async reasonAgainst(): Promise<UnreadyReason | null> {
    const asked = this.#state;
    if (asked.kind !== 'serving') return asked.kind;
    const answered = await this.#answers(asked.ping);
    // The process may have been stopped while the database was asked.
    if (this.#state !== asked) return 'stopping';
    return answered ? null : 'database unreachable';
  }

  async #answers(ping: () => Promise<void>): Promise<boolean> {
    const { promise: tooLate, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), this.#pingMs);
    const answered = ping().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answered, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
