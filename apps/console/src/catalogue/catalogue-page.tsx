import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { AnswerTag } from '../service/answer-tag.tsx';
import { isAway } from '../service/error-words.ts';
import { Refusal } from '../service/refusal.tsx';
import { useTRPC } from '../service/trpc.ts';
import { useAccess } from '../session/use-access.ts';
import { PageHeading } from '../shell/page-heading.tsx';
import classes from './catalogue-page.module.css';
import { CatalogueFilters } from './catalogue-filters.tsx';
import { Pager } from './pager.tsx';
import { ProductTable } from './product-table.tsx';
import { type CatalogueView, useCatalogueView } from './use-catalogue-view.ts';
import { useProducts } from './use-products.ts';

/** The start view: search, a category, or the most viewed products. */
export function CataloguePage() {
  const navigation = useCatalogueView();
  const { view } = navigation;
  const { items, nextCursor, answer, error, isOfBefore, refetch } = useProducts(view);
  const reason = useAccess().reasonAgainst('catalog:write');
  const title = useTitle(view);
  return (
    <>
      <PageHeading title="Catalogue">
        {reason === undefined ? (
          <Button component={Link} to="/products/new">
            New product
          </Button>
        ) : (
          <Button disabled title={reason}>
            New product
          </Button>
        )}
      </PageHeading>
      <CatalogueFilters navigation={navigation} />
      <section aria-labelledby="shown">
        <div className={classes['bar']}>
          <h2 id="shown" className={classes['shown']}>
            {title}
          </h2>
          <AnswerTag answer={answer} />
        </div>
        {error !== null && !isAway(error) && <Refusal error={error} onRetry={refetch} />}
        {items?.length === 0 && <Nothing view={view} />}
        {(items === undefined ? error === null || isAway(error) : items.length > 0) && (
          <ProductTable products={items} isBusy={isOfBefore} caption={title} />
        )}
        <Pager nextCursor={nextCursor} navigation={navigation} isBusy={isOfBefore} />
      </section>
    </>
  );
}

function Nothing({ view }: { readonly view: CatalogueView }) {
  const texts: Record<CatalogueView['kind'], string> = {
    search: 'Nothing is found. Try fewer words, or the beginning of one.',
    category: 'There is nothing in this category.',
    popular: 'The catalogue is empty.',
  };
  return <Text className={classes['nothing']}>{texts[view.kind]}</Text>;
}

function useTitle(view: CatalogueView): string {
  const { data: categories } = useQuery(useTRPC().category.list.queryOptions());
  if (view.kind === 'popular') return 'Most viewed';
  if (view.kind === 'search') return `Found for “${view.query}”`;
  return categories?.find(({ id }) => id === view.categoryId)?.name ?? 'Category';
}
