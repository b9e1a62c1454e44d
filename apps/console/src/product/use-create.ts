import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useAnswer } from '../service/answer-store.ts';
import { useService } from '../service/service-context.ts';
import { type CreateInput, type Product, useTRPC } from '../service/trpc.ts';
import { RepeatableChange } from './repeatable-change.ts';

/** Creates products; a repetition after nobody could say what became of one carries its key, so that one is created. */
export function useCreate() {
  const { client, queries } = useService();
  const trpc = useTRPC();
  const [change] = useState(() => new RepeatableChange<CreateInput>());
  const creation = useMutation({
    mutationFn: async (input: CreateInput): Promise<Product> =>
      change.send(input, async (asked, options) => client.product.create.mutate(asked, options)),
    onSuccess: (product) => {
      queries.setQueryData(trpc.product.byId.queryKey({ id: product.id }), product);
      void queries.invalidateQueries({ queryKey: trpc.product.pathKey() });
    },
  });
  return { ...creation, answer: useAnswer('product.create', creation.variables) };
}
