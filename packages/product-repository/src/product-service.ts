import type { PlacedEvent } from './change-events.ts';
import type { Category, CreateCategory } from './category.ts';
import type { EncodedJson } from './encoded-json.ts';
import type { IdempotentRequest } from './idempotent-plan.ts';
import type { OperationResult } from './operation-result.ts';
import type { FollowChanges } from './product-change.ts';
import type { ByCategory, ByIds, Page, Popular, Search } from './product-queries.ts';
import type {
  AdjustStock,
  CreateProduct,
  DeletedProduct,
  DeleteProduct,
  Product,
  UpdatePrice,
  UpdateProduct,
} from './product.ts';
import type { UpsertedProduct, UpsertMany } from './upsert.ts';

/**
 * What callers of the repository rely on. Inputs have passed their schemas; a refusal is thrown as one of
 * errors.ts, an outage as one of the engine's errors. A mutation with a request takes place at most once for it,
 * and answers each repetition as it did first. Products that are read come as the JSON that is cached, so that they can be
 * answered without parsing it.
 */
export interface ProductService {
  /** The latest committed product, or null where there is none. */
  byId(id: number): Promise<OperationResult<EncodedJson<Product> | null>>;
  /** One answer for each id asked, in that order; duplicates allowed. */
  byIds(input: ByIds): Promise<OperationResult<EncodedJson<(Product | null)[]>>>;
  /** A category's products by name, then id. */
  byCategory(input: ByCategory): Promise<OperationResult<EncodedJson<Page>>>;
  /** Full-text search, the last word as a prefix, best first. */
  search(input: Search): Promise<OperationResult<EncodedJson<Page>>>;
  /** The most viewed products. */
  popular(input: Popular): Promise<OperationResult<EncodedJson<Product[]>>>;
  create(input: CreateProduct, request?: IdempotentRequest): Promise<OperationResult<Product>>;
  update(input: UpdateProduct, request?: IdempotentRequest): Promise<OperationResult<Product>>;
  updatePrice(input: UpdatePrice, request?: IdempotentRequest): Promise<OperationResult<Product>>;
  adjustStock(input: AdjustStock, request?: IdempotentRequest): Promise<OperationResult<Product>>;
  /** Creates or changes each product by its SKU, and tells what became of it, in that order. */
  upsertMany(
    input: UpsertMany,
    request?: IdempotentRequest,
  ): Promise<OperationResult<UpsertedProduct[]>>;
  delete(
    input: DeleteProduct,
    request?: IdempotentRequest,
  ): Promise<OperationResult<DeletedProduct>>;
  /**
   * Resolves once every change that is committed from then on will be told, or every one after `lastEventId`; of one product,
   * in the order of its versions. Ends by throwing when the signal is aborted, and otherwise for a reason of its own.
   */
  changes(input: FollowChanges, signal: AbortSignal): Promise<AsyncIterable<PlacedEvent>>;
  categories(): Promise<OperationResult<Category[]>>;
  createCategory(
    input: CreateCategory,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Category>>;
}
