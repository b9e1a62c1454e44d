import type { Query, QueryClient } from '@tanstack/react-query';
import type { NewestProducts } from '../service/newest-products.ts';

/** What the subscription tells; the product itself is asked for as ever, and is never older than its event. */
export type ChangeEvent =
  | {
      readonly type: 'changed' | 'deleted';
      readonly id: number;
      readonly version: number;
      readonly categoryId: number;
      readonly previousCategoryId?: number | undefined;
    }
  | { readonly type: 'all-changed' }
  | { readonly type: 'caught-up' };

type ProductEvent = Extract<ChangeEvent, { readonly id: number }>;

/**
 * Has what is on the screen asked again once it has changed. Events that come close together are handled together, and the
 * next ones once the answers to these are there: an import of thousands asks no more often than the service answers.
 */
export class ChangeBatch {
  readonly #queries: QueryClient;
  readonly #newest: NewestProducts;
  #events: ProductEvent[] = [];
  #isHandling = false;
  #isCaughtUp = false;

  constructor(queries: QueryClient, newest: NewestProducts) {
    this.#queries = queries;
    this.#newest = newest;
  }

  note(event: ChangeEvent): void {
    if (event.type === 'caught-up') return this.#noteCaughtUp();
    if (event.type === 'all-changed') return this.noteAll();
    this.#events.push(event);
    if (!this.#isHandling) void this.#handle();
  }

  /** Of everything that is known it cannot be told any more whether it is so. */
  noteAll(): void {
    this.#newest.forget();
    void this.#askAgain(() => true);
  }

  /** The subscription has ended, and another one will not tell what this one has missed. */
  noteEnd(): void {
    this.#isCaughtUp = false;
    this.noteAll();
  }

  /** What was answered before a subscription has begun may have changed since; all after that is told. */
  #noteCaughtUp(): void {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    void this.#askAgain(isOfCatalogue);
  }

  async #handle(): Promise<void> {
    this.#isHandling = true;
    while (this.#events.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, gatherMs));
      const events = this.#events;
      this.#events = [];
      await this.#askAgain((query) => events.some((event) => concerns(query, event)));
    }
    this.#isHandling = false;
  }

  /** Resolves with the answers, but for those of queries that are looked at again once an answer on its way is there. */
  async #askAgain(isConcerned: (query: Query) => boolean): Promise<void> {
    for (const query of this.#queries.getQueryCache().findAll({ fetchStatus: 'fetching' })) {
      // That answer may be of before. Others are given up below: a first one is not, and the rest are no concern yet.
      const staysOnItsWay = query.state.data === undefined || !isConcerned(query);
      if (staysOnItsWay) void this.#lookAgain(query, isConcerned);
    }
    await this.#queries.invalidateQueries({ predicate: isConcerned });
  }

  async #lookAgain(query: Query, isConcerned: (query: Query) => boolean): Promise<void> {
    await query.promise?.catch(() => {});
    if (!isConcerned(query)) return;
    await this.#queries.invalidateQueries({ predicate: (one) => one === query });
  }
}

/** Hardly noticed by who watches, and enough for the changes of one batch of an import to come together. */
const gatherMs = 60;

/** A query that holds an older version, or a list that the product has entered or left. */
function concerns({ queryKey, state }: Query, event: ProductEvent): boolean {
  const [path, name] = pathOf(queryKey);
  if (path !== 'product') return false;
  const held = productsIn(state.data).find(({ id }) => id === event.id);
  if (held !== undefined) return event.type === 'deleted' || held.version < event.version;
  const isMove = event.version === 1 || event.previousCategoryId !== undefined;
  return isMove && (name === 'byCategory' || name === 'search');
}

/** What events tell of. The state of the cache is asked for by the clock. */
function isOfCatalogue({ queryKey }: Query): boolean {
  const [path] = pathOf(queryKey);
  return path === 'product' || path === 'category';
}

function pathOf([path]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(path) ? path : [];
}

export function productsIn(data: unknown): { readonly id: number; readonly version: number }[] {
  if (Array.isArray(data)) return data.flatMap(productsIn);
  if (typeof data !== 'object' || data === null) return [];
  if ('items' in data) return productsIn(data.items);
  const { id, version } = data as { readonly id?: unknown; readonly version?: unknown };
  return typeof id === 'number' && typeof version === 'number' ? [{ id, version }] : [];
}
