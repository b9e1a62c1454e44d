import type { CachedList, CachedRecords, EntryRef } from '@throughline/write-through';
import type { Queryable } from '@throughline/write-through/postgres';
import type { Category, CreateCategory } from './category.ts';
import { constraintViolated } from './database-error.ts';
import {
  CategoryNotFoundError,
  ProductNotFoundError,
  SkuTakenError,
  SlugTakenError,
  StockInsufficientError,
  StockTooLargeError,
  VersionConflictError,
} from './errors.ts';
import type { MutationPlan } from './idempotent-plan.ts';
import type { ProductChange } from './operation-result.ts';
import type { CategoryPageRef } from './product-sources.ts';
import type {
  AdjustStock,
  CreateProduct,
  DeletedProduct,
  DeleteProduct,
  Product,
  UpdatePrice,
  UpdateProduct,
} from './product.ts';
import {
  adjustStock,
  type CategoryPage,
  deleteProduct,
  insertCategory,
  insertProduct,
  nextCategoryId,
  nextProductId,
  type Placement,
  readPlacement,
  updatePrice,
  updateProduct,
} from './statements/index.ts';

export interface ProductWritesParts {
  readonly products: CachedRecords<number, Product>;
  readonly categoryPages: CachedList<number, CategoryPageRef, CategoryPage>;
  readonly categories: CachedRecords<'all', Category[]>;
  readonly priceLifeMs: number;
}

/** The plans of all product writes: which entries each may change, its SQL, and its refusals. */
export class ProductWrites {
  readonly #parts: ProductWritesParts;

  constructor(parts: ProductWritesParts) {
    this.#parts = parts;
  }

  /** The id is drawn beforehand, so that the new entry can be named before the row exists. */
  create(input: CreateProduct): MutationPlan<Product> {
    return async (db) => {
      const id = await nextProductId(db);
      return {
        entries: [this.#product(id), this.#list(input.categoryId)],
        apply: async () => {
          const result = await refusingTakenSku(input.sku, async () =>
            insertProduct(db, id, input),
          );
          if (result.type === 'id-taken') return 'outdated';
          if (result.type === 'category-missing') throw new CategoryNotFoundError(input.categoryId);
          return this.#changed(result.product, { type: 'created' });
        },
      };
    };
  }

  /** A move concerns the lists of both categories, a rename the list of its own, anything else no list. */
  update(input: UpdateProduct): MutationPlan<Product> {
    return async (db) => {
      const placement = await requirePlacement(db, input.id);
      return {
        entries: [this.#product(input.id), ...this.#listsChanged(input, placement)],
        apply: async () => {
          const result = await refusingTakenSku(input.sku, async () =>
            updateProduct(db, input, placement),
          );
          switch (result.type) {
            case 'outdated':
              return 'outdated';
            case 'category-missing':
              throw new CategoryNotFoundError(input.categoryId ?? placement.categoryId);
            case 'missing':
              throw new ProductNotFoundError(input.id);
            case 'version-conflict':
              throw new VersionConflictError(input.id, result.currentVersion);
            case 'updated':
              return this.#changed(result.product, { type: 'updated' });
          }
        },
      };
    };
  }

  updatePrice(input: UpdatePrice): MutationPlan<Product> {
    return async (db) => ({
      entries: [this.#product(input.id)],
      apply: async () => {
        const result = await updatePrice(db, input);
        switch (result.type) {
          case 'missing':
            throw new ProductNotFoundError(input.id);
          case 'version-conflict':
            throw new VersionConflictError(input.id, result.currentVersion);
          case 'updated': {
            const { product, oldPrice } = result;
            const { price: newPrice } = product;
            const change =
              oldPrice === newPrice
                ? ({ type: 'updated' } as const)
                : ({ type: 'price-changed', oldPrice, newPrice } as const);
            return this.#changed(product, change, this.#parts.priceLifeMs);
          }
        }
      },
    });
  }

  adjustStock(input: AdjustStock): MutationPlan<Product> {
    const { id, delta } = input;
    return async (db) => ({
      entries: [this.#product(id)],
      apply: async () => {
        const result = await adjustStock(db, input);
        switch (result.type) {
          case 'missing':
            throw new ProductNotFoundError(id);
          case 'version-conflict':
            throw new VersionConflictError(id, result.currentVersion);
          case 'insufficient':
            throw new StockInsufficientError(id, result.stock);
          case 'too-large':
            throw new StockTooLargeError(id);
          case 'updated': {
            const { product } = result;
            return this.#changed(product, { type: 'stock-adjusted', delta, stock: product.stock });
          }
        }
      },
    });
  }

  remove(input: DeleteProduct): MutationPlan<DeletedProduct> {
    const { id } = input;
    return async (db) => {
      const placement = await requirePlacement(db, id);
      return {
        entries: [this.#product(id), this.#list(placement.categoryId)],
        apply: async () => {
          const result = await deleteProduct(db, input, placement);
          switch (result.type) {
            case 'outdated':
              return 'outdated';
            case 'missing':
              throw new ProductNotFoundError(id);
            case 'version-conflict':
              throw new VersionConflictError(id, result.currentVersion);
            case 'deleted': {
              const answer = { id, version: result.version };
              return {
                value: { answer, change: { type: 'deleted', ...answer } },
                changes: [this.#parts.products.removedAt(id, result.version)],
              };
            }
          }
        },
      };
    };
  }

  createCategory(input: CreateCategory): MutationPlan<Category> {
    return async (db) => ({
      entries: [this.#parts.categories.entry('all')],
      apply: async () => {
        const id = await nextCategoryId(db);
        try {
          return { value: { answer: await insertCategory(db, id, input) }, changes: [] };
        } catch (err) {
          if (constraintViolated(err) === 'categories_slug_key')
            throw new SlugTakenError(input.slug);
          throw err;
        }
      },
    });
  }

  #listsChanged(input: UpdateProduct, placement: Placement): EntryRef[] {
    const { categoryId = placement.categoryId, name = placement.name } = input;
    if (categoryId !== placement.categoryId) {
      return [this.#list(placement.categoryId), this.#list(categoryId)];
    }
    return name === placement.name ? [] : [this.#list(categoryId)];
  }

  #changed(product: Product, what: ChangeOf<ProductChange>, lifeMs?: number) {
    const { id, version } = product;
    const life = lifeMs === undefined ? {} : { lifeMs };
    return {
      value: { answer: product, change: { ...what, id, version } },
      changes: [this.#parts.products.changedTo(id, { version, value: product, ...life })],
    };
  }

  #product(id: number): EntryRef {
    return this.#parts.products.entry(id);
  }

  #list(categoryId: number): EntryRef {
    return this.#parts.categoryPages.entry(categoryId);
  }
}

/** A change without what every change of a product tells. */
type ChangeOf<Change> = Change extends unknown ? Omit<Change, 'id' | 'version'> : never;

async function requirePlacement(db: Queryable, id: number): Promise<Placement> {
  const placement = await readPlacement(db, id);
  if (placement === null) throw new ProductNotFoundError(id);
  return placement;
}

async function refusingTakenSku<Result>(
  sku: string | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (err) {
    if (sku !== undefined && constraintViolated(err) === 'products_sku_key') {
      throw new SkuTakenError(sku);
    }
    throw err;
  }
}
