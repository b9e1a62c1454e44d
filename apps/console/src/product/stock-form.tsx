import { NumberInput, Text } from '@mantine/core';
import { useService } from '../service/service-context.ts';
import type { Product } from '../service/trpc.ts';
import { EditCard } from './edit-card.tsx';
import { useDraft } from './use-draft.ts';
import { useWrite } from './use-write.ts';

interface AdjustStock {
  readonly id: number;
  readonly delta: number;
  readonly expectedVersion: number;
}

/** Stock is changed by so many, never set: what others add or take meanwhile stays in the sum. */
export function StockForm({ product }: { readonly product: Product }) {
  const { client } = useService();
  const draft = useDraft<{ delta: number | string }>(product, () => ({ delta: 0 }));
  const write = useWrite<AdjustStock>({
    path: 'product.adjustStock',
    call: async (input, options) => client.product.adjustStock.mutate(input, options),
  });
  const { delta: typed } = draft.values;
  const delta = typeof typed === 'number' ? typed : 0;
  const sumOf = ({ stock }: Product) =>
    `${stock} ${delta < 0 ? '−' : '+'} ${Math.abs(delta)} = ${stock + delta}`;
  return (
    <EditCard
      title="Stock"
      product={product}
      draft={draft}
      write={write}
      inputFor={(expectedVersion) =>
        delta === 0 ? undefined : { id: product.id, delta, expectedVersion }
      }
      conflictRows={[
        { label: 'Stock', mine: sumOf(draft.base), theirs: String(product.stock) },
        { label: 'If you keep yours', mine: sumOf(product), theirs: '' },
      ]}
    >
      <NumberInput
        label="Change by"
        description="Less than 0 takes away."
        allowDecimal={false}
        min={-stockMax}
        max={stockMax}
        value={typed}
        onChange={(value) => draft.change({ delta: value })}
      />
      <Text size="sm" c="dimmed">
        {delta === 0 ? `${product.stock} now` : sumOf(product)}
      </Text>
    </EditCard>
  );
}

/** What the service takes. */
const stockMax = 2_147_483_647;
