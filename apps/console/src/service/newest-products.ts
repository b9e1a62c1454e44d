import { replaceEqualDeep } from '@tanstack/react-query';
import type { Product } from './trpc.ts';

export interface ProductChange {
  readonly before: Product;
  readonly after: Product;
}

/**
 * The newest version of each product that any answer held. Answers may overtake each other, and a page and a list are asked
 * apart: what goes to the screen passes through here, so that no older version ever takes the place of a newer one.
 */
export class NewestProducts {
  readonly #byId = new Map<number, Product>();
  readonly #listeners = new Set<(change: ProductChange) => void>();

  /** For TanStack Query: the new data with each product at its newest, and what is unchanged as the same object. */
  readonly share = (before: unknown, fresh: unknown): unknown =>
    replaceEqualDeep(before, this.#newest(fresh));

  /** What a write of this page was answered: its author needs no telling. */
  noteOwn(product: Product): void {
    if (product.version > (this.#byId.get(product.id)?.version ?? 0)) this.#keep(product);
  }

  /** After a database was emptied or restored, versions may begin anew. */
  forget(): void {
    this.#byId.clear();
  }

  /** Calls back for each newer version of a product that was known before, until what it returns is called. */
  subscribe(listener: (change: ProductChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #newest(data: unknown): unknown {
    if (Array.isArray(data)) return data.map((part: unknown) => this.#newest(part));
    if (isProduct(data)) return this.#newer(data);
    return isPage(data) ? { ...data, items: data.items.map((item) => this.#newest(item)) } : data;
  }

  #newer(product: Product): Product {
    const known = this.#byId.get(product.id);
    if (known !== undefined && known.version >= product.version) return known;
    this.#keep(product);
    // Not while the query that has brought it is still being settled.
    if (known !== undefined) queueMicrotask(() => this.#tell({ before: known, after: product }));
    return product;
  }

  #keep(product: Product): void {
    this.#byId.delete(product.id);
    this.#byId.set(product.id, product);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > productsMax && oldest !== undefined) this.#byId.delete(oldest);
  }

  #tell(change: ProductChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** More than the queries that are kept can hold on screen; the rest is asked anew anyhow. */
const productsMax = 2_000;

function isProduct(data: unknown): data is Product {
  return typeof data === 'object' && data !== null && 'sku' in data && 'version' in data;
}

function isPage(data: unknown): data is { readonly items: readonly unknown[] } {
  return typeof data === 'object' && data !== null && 'nextCursor' in data && 'items' in data;
}
