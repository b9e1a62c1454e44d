import { useService } from '../service/service-context.ts';
import type { Product, UpdateInput } from '../service/trpc.ts';
import { type Details, DetailsFields, useCategoryName } from './details-fields.tsx';
import { EditCard } from './edit-card.tsx';
import { useDraft } from './use-draft.ts';
import { useWrite } from './use-write.ts';

export function DetailsForm({ product }: { readonly product: Product }) {
  const { client } = useService();
  const draft = useDraft<Details>(product, detailsOf);
  const write = useWrite<UpdateInput>({
    path: 'product.update',
    call: async (input, options) => client.product.update.mutate(input, options),
  });
  const categoryName = useCategoryName();
  const { values, base } = draft;
  // Only what was changed is sent, so that what others change beside it stays.
  const changed = fields.filter(({ field }) => values[field] !== base[field]);
  const textOf = (details: Details, field: keyof Details) =>
    field === 'categoryId' ? categoryName(details.categoryId) : details[field];
  return (
    <EditCard
      title="Name, category and description"
      product={product}
      draft={draft}
      write={write}
      inputFor={(expectedVersion) =>
        changed.length === 0 || values.name.trim() === '' || values.sku.trim() === ''
          ? undefined
          : {
              id: product.id,
              expectedVersion,
              ...Object.fromEntries(changed.map(({ field }) => [field, values[field]])),
            }
      }
      conflictRows={changed.map(({ field, label }) => ({
        label,
        mine: textOf(values, field),
        theirs: textOf(product, field),
      }))}
    >
      <DetailsFields details={values} onChange={draft.change} />
    </EditCard>
  );
}

function detailsOf({ name, sku, categoryId, description }: Product): Details {
  return { name, sku, categoryId, description };
}

const fields = [
  { field: 'name', label: 'Name' },
  { field: 'sku', label: 'SKU' },
  { field: 'categoryId', label: 'Category' },
  { field: 'description', label: 'Description' },
] as const;
