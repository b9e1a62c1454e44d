import { useMutation } from '@tanstack/react-query';
import { type FailureCode, failureOf, isThroughlineError } from '@throughline/client';
import { useAnswer } from '../service/answer-store.ts';
import { useService } from '../service/service-context.ts';
import { type Product, useTRPC } from '../service/trpc.ts';

interface Write<Input> {
  /** The procedure, for the answer that is shown. */
  readonly path: string;
  readonly call: (input: Input, options: CallOptions) => Promise<Product>;
}

export interface CallOptions {
  readonly context: { readonly idempotencyKey?: string };
}

/**
 * One kind of change of a product. Sending the same input again after nobody could say what became of it carries the key that
 * it had, so that it takes place once. What the service answers is on the screen at once, and then asked for as ever.
 */
export function useWrite<Input extends { readonly id: number }>({ path, call }: Write<Input>) {
  const { queries, newest } = useService();
  const trpc = useTRPC();
  const mutation = useMutation({
    mutationFn: async (input: Input): Promise<Product> =>
      call(input, { context: contextFor(mutation, input) }),
    onSuccess: (product) => {
      newest.noteOwn(product);
      const queryKey = trpc.product.byId.queryKey({ id: product.id });
      queries.setQueryData(queryKey, product);
      void queries.invalidateQueries({ queryKey: trpc.product.pathKey() });
    },
    // It may be another product by now, or the same one with the change.
    onError: (_, { id }) =>
      void queries.invalidateQueries({ queryKey: trpc.product.byId.queryKey({ id }) }),
  });
  const { mutate, reset, error, isPending, isSuccess, variables } = mutation;
  return {
    send: mutate,
    reset,
    isPending,
    isSuccess,
    error,
    isConflict: codeOf(error) === 'VERSION_CONFLICT',
    answer: useAnswer(path, variables),
  };
}

interface LastAttempt {
  readonly error: Error | null;
  readonly variables: unknown;
}

/** An attempt that is known to have changed nothing is over, and so is its key. */
export function contextFor(
  { error, variables }: LastAttempt,
  input: unknown,
): CallOptions['context'] {
  if (!isThroughlineError(error) || JSON.stringify(variables) !== JSON.stringify(input)) return {};
  const { outcome, idempotencyKey } = failureOf(error);
  return outcome === 'unknown' && idempotencyKey !== undefined ? { idempotencyKey } : {};
}

function codeOf(error: unknown): FailureCode | undefined {
  return isThroughlineError(error) ? failureOf(error).code : undefined;
}
