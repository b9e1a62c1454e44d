import { useMutation } from '@tanstack/react-query';
import { type FailureCode, failureOf, isThroughlineError } from '@throughline/client';
import { useState } from 'react';
import { useAnswer } from '../service/answer-store.ts';
import { useService } from '../service/service-context.ts';
import { type Product, useTRPC } from '../service/trpc.ts';
import { type CallOptions, RepeatableChange } from './repeatable-change.ts';

interface Write<Input> {
  /** The procedure, for the answer that is shown. */
  readonly path: string;
  readonly call: (input: Input, options: CallOptions) => Promise<Product>;
}

/** One kind of change of a product. What the service answers is on the screen at once, and then asked for as ever. */
export function useWrite<Input extends { readonly id: number }>({ path, call }: Write<Input>) {
  const { queries, newest } = useService();
  const trpc = useTRPC();
  const [change] = useState(() => new RepeatableChange<Input>());
  const mutation = useMutation({
    mutationFn: async (input: Input): Promise<Product> => change.send(input, call),
    onSuccess: (product) => {
      newest.noteOwn(product);
      const queryKey = trpc.product.byId.queryKey({ id: product.id });
      queries.setQueryData(queryKey, product);
      void queries.invalidateQueries({ queryKey: trpc.product.pathKey() });
    },
    onError: async (error, { id }) => {
      // It may be another product by now, or the same one with the change.
      const asked = queries.invalidateQueries({ queryKey: trpc.product.byId.queryKey({ id }) });
      // A conflict is told together with what it is with.
      if (codeOf(error) === 'VERSION_CONFLICT') await asked;
    },
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

function codeOf(error: unknown): FailureCode | undefined {
  return isThroughlineError(error) ? failureOf(error).code : undefined;
}
