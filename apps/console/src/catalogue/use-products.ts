import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import type { Answer } from '@throughline/client';
import { useAnswer } from '../service/answer-store.ts';
import { type Product, useTRPC } from '../service/trpc.ts';
import type { CatalogueView } from './use-catalogue-view.ts';

export interface Products {
  /** Undefined before the first answer. */
  readonly items: readonly Product[] | undefined;
  readonly nextCursor: string | null;
  readonly answer: Answer | undefined;
  readonly error: unknown;
  /** Whether what is shown is of the view before, as this one's answer is not there yet. */
  readonly isOfBefore: boolean;
  readonly refetch: () => void;
}

/** The products of a view: one of three procedures is asked. */
export function useProducts(view: CatalogueView): Products {
  const trpc = useTRPC();
  const [search, category] = inputsOf(view);
  const asked = { placeholderData: keepPreviousData };
  const results = {
    search: useQuery(trpc.product.search.queryOptions(search ?? skipToken, asked)),
    category: useQuery(trpc.product.byCategory.queryOptions(category ?? skipToken, asked)),
    popular: useQuery(
      trpc.product.popular.queryOptions(view.kind === 'popular' ? popular : skipToken),
    ),
  };
  const answers = {
    search: useAnswer('product.search', search),
    category: useAnswer('product.byCategory', category),
    popular: useAnswer('product.popular', popular),
  };
  const { data, error, isPlaceholderData: isOfBefore, refetch } = results[view.kind];
  const page = Array.isArray(data) ? { items: data, nextCursor: null } : data;
  return {
    items: page?.items,
    nextCursor: page?.nextCursor ?? null,
    answer: answers[view.kind],
    error,
    isOfBefore,
    refetch: () => void refetch(),
  };
}

/** As many rows as fit a screen or two. */
const limit = 20;
const popular = { limit };

function inputsOf(view: CatalogueView) {
  const page = 'cursor' in view && view.cursor !== undefined ? { cursor: view.cursor } : {};
  return [
    view.kind === 'search' ? { query: view.query, limit, ...page } : undefined,
    view.kind === 'category' ? { categoryId: view.categoryId, limit, ...page } : undefined,
  ] as const;
}
