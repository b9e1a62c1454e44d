import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../service/trpc.ts';
import classes from './catalogue-page.module.css';
import type { CatalogueNavigation } from './use-catalogue-view.ts';

/** Chooses what is shown: words that are searched for in all categories, or all of one category. */
export function CatalogueFilters({ navigation }: { readonly navigation: CatalogueNavigation }) {
  const { view, search, showCategory } = navigation;
  const { data: categories = [] } = useQuery(useTRPC().category.list.queryOptions());
  return (
    <search className={classes['filters']}>
      <SearchBox query={view.kind === 'search' ? view.query : ''} onSearch={search} />
      <NativeSelect
        label="Category"
        value={view.kind === 'category' ? view.categoryId : ''}
        onChange={({ currentTarget: { value } }) =>
          showCategory(value === '' ? undefined : Number(value))
        }
        data={[
          { value: '', label: 'Any' },
          ...categories.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
    </search>
  );
}

interface SearchBoxProps {
  /** What the address says. */
  readonly query: string;
  readonly onSearch: (query: string) => void;
}

function SearchBox({ query, onSearch }: SearchBoxProps) {
  const [typed, setTyped] = useState({ text: query, of: query });
  // Somebody went back, or chose a category: the address has changed without the box.
  if (typed.of !== query && typed.text.trim() !== query) setTyped({ text: query, of: query });
  else if (typed.of !== query) setTyped({ text: typed.text, of: query });
  const search = useDebouncedCallback(onSearch, typingPauseMs);
  return (
    <TextInput
      type="search"
      label="Search"
      placeholder="Name, SKU or description"
      maxLength={100}
      value={typed.text}
      onChange={({ currentTarget: { value } }) => {
        setTyped({ text: value, of: query });
        search(value);
      }}
    />
  );
}

/** Between two letters of one word hardly anybody waits for so long. */
const typingPauseMs = 250;
