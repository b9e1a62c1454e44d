import type { CachedList, CachedRecords, EntryRef } from '@throughline/write-through';
import type { Connection } from '@throughline/write-through/postgres';
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
  type AdjustStockResult,
  type CategoryPage,
  deleteProduct,
  insertCategory,
  insertProduct,
  nextCategoryId,
  nextProductId,
  type Placement,
  readPlacement,
  recallProduct,
  updatePrice,
  type UpdatePriceResult,
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
    return this.#atOnce(input.id, {
      lifeMs: this.#parts.priceLifeMs,
      run: async (db) => {
        const result = await updatePrice(db, input);
        if (result.type !== 'updated') return { refusal: refusalOf(input.id, result) };
        const { product, oldPrice } = result;
        const { price: newPrice } = product;
        return oldPrice === newPrice
          ? { product, what: { type: 'updated' } }
          : { product, what: { type: 'price-changed', oldPrice, newPrice } };
      },
      // What it replaced cannot be found out any more.
      recalled: () => ({ type: 'updated' }),
    });
  }

  adjustStock(input: AdjustStock): MutationPlan<Product> {
    const { id, delta } = input;
    const adjusted = ({ stock }: Product) => ({ type: 'stock-adjusted', delta, stock }) as const;
    return this.#atOnce(id, {
      run: async (db) => {
        const result = await adjustStock(db, input);
        if (result.type !== 'updated') return { refusal: refusalOf(id, result) };
        return { product: result.product, what: adjusted(result.product) };
      },
      recalled: adjusted,
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
          const violated = constraintViolated(err);
          // Another program has chosen this id itself.
          if (violated === 'categories_pkey') return 'outdated';
          if (violated === 'categories_slug_key') throw new SlugTakenError(input.slug);
          throw err;
        }
      },
    });
  }

  /** A change that concerns one product and no list, so that it can travel with COMMIT. */
  #atOnce(id: number, { run, recalled, lifeMs }: ChangeAtOnce): MutationPlan<Product> {
    return async () => ({
      entries: [this.#product(id)],
      apply: async (last) => ({
        ending: run(last).then((done) =>
          'refusal' in done ? done : this.#changed(done.product, done.what, lifeMs),
        ),
        recall: async (db, xid) => {
          const product = await recallProduct(db, id, xid);
          return product && this.#changed(product, recalled(product), lifeMs);
        },
      }),
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

interface ChangeAtOnce {
  /** A refusal has changed nothing. */
  readonly run: (
    db: Connection,
  ) => Promise<
    | { readonly product: Product; readonly what: ChangeOf<ProductChange> }
    | { readonly refusal: Error }
  >;
  /** What it tells when only the product is known. */
  readonly recalled: (product: Product) => ChangeOf<ProductChange>;
  readonly lifeMs?: number;
}

/** Why a product was left as it is. */
type ChangeRefusal = Exclude<UpdatePriceResult | AdjustStockResult, { readonly type: 'updated' }>;

function refusalOf(id: number, result: ChangeRefusal): Error {
  switch (result.type) {
    case 'missing':
      return new ProductNotFoundError(id);
    case 'version-conflict':
      return new VersionConflictError(id, result.currentVersion);
    case 'insufficient':
      return new StockInsufficientError(id, result.stock);
    case 'too-large':
      return new StockTooLargeError(id);
  }
}

/** A change without what every change of a product tells. */
type ChangeOf<Change> = Change extends unknown ? Omit<Change, 'id' | 'version'> : never;

async function requirePlacement(db: Connection, id: number): Promise<Placement> {
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
