import { failureOf, isThroughlineError } from '@throughline/client';

export interface CallOptions {
  readonly context: { readonly idempotencyKey?: string };
}

/**
 * Keeps the key of a change of which nobody could say what became of it. Until the same input has succeeded, or another one
 * is sent, it is sent with that key, so that it takes place once: also after a refusal, which tells of its own attempt alone.
 */
export class RepeatableChange<Input> {
  #unsure: { readonly text: string; readonly idempotencyKey: string } | undefined;

  /** Rejects with what the call rejects with. */
  async send<Output>(
    input: Input,
    call: (input: Input, options: CallOptions) => Promise<Output>,
  ): Promise<Output> {
    const text = JSON.stringify(input);
    if (this.#unsure?.text !== text) this.#unsure = undefined;
    const key = this.#unsure?.idempotencyKey;
    try {
      const output = await call(input, {
        context: key === undefined ? {} : { idempotencyKey: key },
      });
      this.#unsure = undefined;
      return output;
    } catch (err) {
      if (isThroughlineError(err)) {
        const { outcome, idempotencyKey } = failureOf(err);
        if (outcome === 'unknown' && idempotencyKey !== undefined) {
          this.#unsure = { text, idempotencyKey };
        }
      }
      throw err;
    }
  }
}
