import { TextInput } from '@mantine/core';
import { useService } from '../service/service-context.ts';
import type { Product } from '../service/trpc.ts';
import { EditCard } from './edit-card.tsx';
import { toPrice } from './to-price.ts';
import { useDraft } from './use-draft.ts';
import { useWrite } from './use-write.ts';

interface UpdatePrice {
  readonly id: number;
  readonly price: string;
  readonly expectedVersion: number;
}

export function PriceForm({ product }: { readonly product: Product }) {
  const { client } = useService();
  const draft = useDraft(product, ({ price }) => ({ price }));
  const write = useWrite<UpdatePrice>({
    path: 'product.updatePrice',
    call: async (input, options) => client.product.updatePrice.mutate(input, options),
  });
  const typed = draft.values.price;
  const price = toPrice(typed);
  return (
    <EditCard
      title="Price"
      product={product}
      draft={draft}
      write={write}
      inputFor={(expectedVersion) =>
        price === undefined ? undefined : { id: product.id, price, expectedVersion }
      }
      conflictRows={[{ label: 'Price', mine: price ?? typed, theirs: product.price }]}
    >
      <TextInput
        label="New price"
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        error={price === undefined && 'A price has at most two digits after the point, as 24.90.'}
        onChange={({ currentTarget: { value } }) => draft.change({ price: value })}
      />
    </EditCard>
  );
}
