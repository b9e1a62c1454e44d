import { TRPCError } from '@trpc/server';

export interface CallInputsOptions {
  /** Where the JSON text of all inputs comes from; it is asked for once, when the first input is. */
  readonly text: () => string | null | Promise<string>;
  /** How many calls one batch holds; undefined for a call that is none. */
  readonly batchSize: number | undefined;
  readonly deserialize: (input: unknown) => unknown;
}

/** The inputs of all calls of one request, read once and not before one of them is asked for. */
export class CallInputs {
  readonly #options: CallInputsOptions;
  #inputs: readonly unknown[] | undefined;
  #reading: Promise<readonly unknown[]> | undefined;

  constructor(options: CallInputsOptions) {
    this.#options = options;
  }

  /** Rejects with a `TRPCError`, for each call with the same. */
  read(index: number): Promise<unknown> {
    this.#reading ??= this.#read();
    if (this.#inputs !== undefined) return Promise.resolve(this.#inputs[index]);
    return this.#reading.then((inputs) => inputs[index]);
  }

  /** The input if it has been read. */
  known(index: number): unknown {
    return this.#inputs?.[index];
  }

  async #read(): Promise<readonly unknown[]> {
    try {
      const text = this.#options.text();
      // What stands in the head is there at once.
      this.#inputs = this.#parse(text instanceof Promise ? await text : text);
      return this.#inputs;
    } catch (cause) {
      throw toBadRequest(cause);
    }
  }

  #parse(text: string | null): readonly unknown[] {
    const { batchSize, deserialize } = this.#options;
    if (!text) return [];
    const inputs: unknown = JSON.parse(text);
    if (batchSize === undefined) return [deserialize(inputs)];
    if (!isRecord(inputs)) {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: '"input" needs to be an object when doing a batch call',
      });
    }
    return Array.from({ length: batchSize }, (_, index) => {
      const input = inputs[index];
      return input === undefined ? undefined : deserialize(input);
    });
  }
}

function isRecord(value: unknown): value is Readonly<Record<number, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toBadRequest(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const message = cause instanceof Error ? cause.message : 'Invalid input';
  return new TRPCError({ code: 'BAD_REQUEST', message, cause });
}
