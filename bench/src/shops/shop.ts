import type { Product } from '@throughline/product-repository';

/** What a variant has to do, each in its own way: the part of the product service that is measured. */
export interface Shop {
  /** The product, or null where there is none. */
  byId(id: number): Promise<Product | null>;
  /** The first products of a category, by name. */
  byCategory(categoryId: number, limit: number): Promise<Product[]>;
  /** The product as it is afterwards. */
  updatePrice(id: number, price: string): Promise<Product>;
}

export interface ShopStores {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** How often products were selected from PostgreSQL. */
export interface SelectCount {
  selects: number;
}

export type OpenShop = (stores: ShopStores, count: SelectCount) => Promise<Shop>;

/** As long as the service keeps products. */
export const lifeMs = 900_000;

/** Of every pool, as the service has it. */
export const connectionsMax = 20;
