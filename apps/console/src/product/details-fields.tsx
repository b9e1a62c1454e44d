import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../service/trpc.ts';

/** What a product is, beside its price and stock. */
export interface Details {
  readonly name: string;
  readonly sku: string;
  /** 0 where none is chosen yet. */
  readonly categoryId: number;
  readonly description: string;
}

interface DetailsFieldsProps {
  readonly details: Details;
  readonly onChange: (changed: Partial<Details>) => void;
}

export function DetailsFields({ details, onChange }: DetailsFieldsProps) {
  const { data: categories = [] } = useQuery(useTRPC().category.list.queryOptions());
  const { name, sku, categoryId, description } = details;
  return (
    <>
      <TextInput
        label="Name"
        required
        maxLength={200}
        value={name}
        onChange={({ currentTarget: { value } }) => onChange({ name: value })}
      />
      <TextInput
        label="SKU"
        required
        maxLength={64}
        value={sku}
        onChange={({ currentTarget: { value } }) => onChange({ sku: value })}
      />
      <NativeSelect
        label="Category"
        required
        value={categoryId === 0 ? '' : categoryId}
        onChange={({ currentTarget: { value } }) => onChange({ categoryId: Number(value) })}
        data={[
          ...(categoryId === 0 ? [{ value: '', label: 'Choose one' }] : []),
          ...categories.map(({ id, name: label }) => ({ value: String(id), label })),
        ]}
      />
      <Textarea
        label="Description"
        rows={6}
        maxLength={10_000}
        value={description}
        onChange={({ currentTarget: { value } }) => onChange({ description: value })}
      />
    </>
  );
}

export function useCategoryName(): (id: number) => string {
  const { data: categories = [] } = useQuery(useTRPC().category.list.queryOptions());
  return (id) => categories.find((category) => category.id === id)?.name ?? String(id);
}
