import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../service/trpc.ts';
import classes from './catalogue-page.module.css';
import type { CatalogueNavigation } from './use-catalogue-view.ts';
import { useSearchBox } from './use-search-box.ts';

/** Chooses what is shown: words that are searched for in all categories, or all of one category. */
export function CatalogueFilters({ navigation }: { readonly navigation: CatalogueNavigation }) {
  const { view, search, showCategory } = navigation;
  const { data: categories = [] } = useQuery(useTRPC().category.list.queryOptions());
  const box = useSearchBox(view.kind === 'search' ? view.query : '', search);
  return (
    <search className={classes['filters']}>
      <TextInput
        type="search"
        label="Search"
        placeholder="Name, SKU or description"
        maxLength={100}
        value={box.text}
        onChange={({ currentTarget: { value } }) => box.type(value)}
      />
      <NativeSelect
        label="Category"
        value={view.kind === 'category' ? view.categoryId : ''}
        onChange={({ currentTarget: { value } }) => {
          box.leave();
          showCategory(value === '' ? undefined : Number(value));
        }}
        data={[
          { value: '', label: 'Any' },
          ...categories.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
    </search>
  );
}
