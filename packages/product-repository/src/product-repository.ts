import {
  type Auditor,
  type AuditViolation,
  CallAbandonedError,
  type CachedRecords,
  CachedList,
  type Instrument,
  type Operation,
  type OutboxDrain,
  type ReadResult,
  systemAmbient,
  type WarmOptions,
  type WriteThroughCache,
  worstOutcome,
} from '@throughline/write-through';
import {
  type ConnectionPool,
  type Connection,
  type Queryable,
  withConnection,
} from '@throughline/write-through/postgres';
import type { CacheAdmin } from './cache-admin.ts';
import type { Category, CreateCategory } from './category.ts';
import { changeEvents, type PlacedEvent } from './change-events.ts';
import type { ChangeFeed } from './change-feed.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { EncodedJson } from './encoded-json.ts';
import { CategoryNotFoundError } from './errors.ts';
import { idempotent, type IdempotentRequest, type MutationPlan } from './idempotent-plan.ts';
import type { OperationResult } from './operation-result.ts';
import type { FollowChanges } from './product-change.ts';
import type { ByCategory, ByIds, Page, Popular, Search } from './product-queries.ts';
import { presentProducts } from './present-products.ts';
import { ProductCacheAdmin } from './product-cache-admin.ts';
import type { ProductService } from './product-service.ts';
import { type CategoryPageRef, type EntryLives, productSources } from './product-sources.ts';
import { type ProductWarmStep, warmPopular } from './warm-popular.ts';
import { ProductWrites } from './product-writes.ts';
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
  addViews,
  type CategoryPage,
  categoryPositionSchema,
  deleteExpiredKeys,
  searchPositionSchema,
  selectPopularIds,
  selectSearchPage,
} from './statements/index.ts';
import type { UpsertedProduct, UpsertMany } from './upsert.ts';
import { upsertPlan } from './upsert-plan.ts';
import type { ViewCounter } from './view-counter.ts';

export interface ProductRepositoryOptions {
  readonly cache: WriteThroughCache<Connection>;
  /** Connections to the primary for statements outside write transactions. */
  readonly pool: ConnectionPool;
  readonly lives: EntryLives;
  /** How records stand in the cache: as in this release, unless given. */
  readonly sources?: typeof productSources;
  readonly views: Pick<ViewCounter, 'count'>;
  /** Tells of committed changes. */
  readonly feed: Pick<ChangeFeed, 'follow'>;
  /** Runs around every operation. */
  readonly instrument: Instrument;
  /**
   * Whether anybody waits for the answer of the call that is running. Where nobody does, a write or a search that had to wait
   * for its turn is not begun. Loads of records are not asked about: calls share them.
   */
  readonly isWanted?: () => boolean;
}

/**
 * The write-through repository of the product service: every read is answered from the cache where that is
 * safe, every write goes to PostgreSQL and to the cache.
 *
 * A product is one entry and a category one list of ids, so a change of price or stock touches one key, and
 * only what changes the members of a list or their order touches a list.
 */
export class ProductRepository implements ProductService {
  /** What operators may do to the cache. */
  readonly cacheAdmin: CacheAdmin;
  readonly #options: ProductRepositoryOptions;
  readonly #products: CachedRecords<number, Product>;
  readonly #categoryPages: CachedList<number, CategoryPageRef, CategoryPage>;
  readonly #categories: CachedRecords<'all', Category[]>;
  readonly #writes: ProductWrites;
  /** Categories that were seen. One with products is there still. */
  readonly #knownCategories = new Set<number>();

  constructor(options: ProductRepositoryOptions) {
    const { cache, pool, lives, sources: sourcesOf = productSources } = options;
    const sources = sourcesOf(pool, lives);
    this.#options = options;
    this.#products = cache.records(sources.products);
    this.#categoryPages = new CachedList(cache, sources.categoryPages);
    this.#categories = cache.records(sources.categories);
    const cached = {
      products: this.#products,
      categoryPages: this.#categoryPages,
      categories: this.#categories,
    };
    this.#writes = new ProductWrites({ ...cached, priceLifeMs: lives.priceMs });
    this.cacheAdmin = new ProductCacheAdmin({ ...cached, cache, pool });
  }

  async byId(id: number): Promise<OperationResult<EncodedJson<Product> | null>> {
    return this.#measured('byId', 'read', async () => {
      const { outcome, value } = await this.#products.readEncoded(id);
      if (value !== undefined) this.#options.views.count(id);
      return { outcome, value: value === undefined ? null : EncodedJson.ofBytes<Product>(value) };
    });
  }

  async byIds({ ids }: ByIds): Promise<OperationResult<EncodedJson<(Product | null)[]>>> {
    return this.#measured('byIds', 'read', async () => {
      const distinct = [...new Set(ids)];
      const results = await this.#products.readManyEncoded(distinct);
      const byId = new Map(distinct.map((id, index) => [id, results[index]?.value]));
      return {
        outcome: worstOf(results),
        value: EncodedJson.array(ids.map((id) => productOrNull(byId.get(id)))),
      };
    });
  }

  async byCategory({
    categoryId,
    limit,
    cursor,
  }: ByCategory): Promise<OperationResult<EncodedJson<Page>>> {
    return this.#measured('byCategory', 'read', async () => {
      const after = cursor === undefined ? undefined : decodeCursor(categoryPositionSchema, cursor);
      await this.#requireCategory(categoryId);
      const page = await this.#categoryPages.read(categoryId, { limit, after });
      if (page.value.ids.length === 0) await this.#requireCategory(categoryId, 'anew');
      const items = await this.#products.readManyEncoded(page.value.ids);
      return {
        outcome: worstOutcome([page.outcome, worstOf(items)]),
        value: pageOf(items, page.value.nextAfter),
      };
    });
  }

  async search({ query, limit, cursor }: Search): Promise<OperationResult<EncodedJson<Page>>> {
    return this.#measured('search', 'read', async () => {
      const after = cursor === undefined ? undefined : decodeCursor(searchPositionSchema, cursor);
      const found = await this.#ask(async (db) => selectSearchPage(db, { query, limit, after }));
      const items = await this.#products.readManyEncoded(found.ids);
      return { outcome: foundOutcome(items), value: pageOf(items, found.nextAfter) };
    });
  }

  async popular({ limit }: Popular): Promise<OperationResult<EncodedJson<Product[]>>> {
    return this.#measured('popular', 'read', async () => {
      const items = await this.#products.readManyEncoded(await this.popularIds(limit));
      return { outcome: foundOutcome(items), value: present(items) };
    });
  }

  async changes(
    { lastEventId, ...wanted }: FollowChanges,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PlacedEvent>> {
    const after = lastEventId == null ? undefined : Number(lastEventId);
    const pages = await this.#options.feed.follow(after, signal);
    return changeEvents(pages, wanted, systemAmbient);
  }

  async create(
    input: CreateProduct,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Product>> {
    return this.#write('create', this.#writes.create(input), { input, request });
  }

  async update(
    input: UpdateProduct,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Product>> {
    return this.#write('update', this.#writes.update(input), { input, request });
  }

  async updatePrice(
    input: UpdatePrice,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Product>> {
    return this.#write('updatePrice', this.#writes.updatePrice(input), { input, request });
  }

  async adjustStock(
    input: AdjustStock,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Product>> {
    return this.#write('adjustStock', this.#writes.adjustStock(input), { input, request });
  }

  async upsertMany(
    input: UpsertMany,
    request?: IdempotentRequest,
  ): Promise<OperationResult<UpsertedProduct[]>> {
    const parts = { products: this.#products, categoryPages: this.#categoryPages };
    return this.#write('upsertMany', upsertPlan(input, parts), { input, request });
  }

  async delete(
    input: DeleteProduct,
    request?: IdempotentRequest,
  ): Promise<OperationResult<DeletedProduct>> {
    return this.#write('delete', this.#writes.remove(input), { input, request });
  }

  async categories(): Promise<OperationResult<Category[]>> {
    return this.#measured('category.list', 'read', async () => {
      const { outcome, value } = await this.#categories.read('all');
      return { outcome, value: value ?? [] };
    });
  }

  async createCategory(
    input: CreateCategory,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Category>> {
    return this.#write('category.create', this.#writes.createCategory(input), { input, request });
  }

  /** The ids of the most viewed products, from the database. */
  async popularIds(limit: number): Promise<number[]> {
    return this.#ask(async (db) => selectPopularIds(db, limit));
  }

  /** Adds view counts to the database, all or none of them. */
  static async addViews(pool: ConnectionPool, views: ReadonlyMap<number, number>): Promise<void> {
    await withConnection(pool, async (db) => addViews(db, views));
  }

  /** Deletes a bounded number of answers that are no longer kept for repeated calls; how many there were. */
  static async deleteExpiredKeys(pool: ConnectionPool, countMax: number): Promise<number> {
    return withConnection(pool, async (db) => deleteExpiredKeys(db, countMax));
  }

  /** Loads so many of the most viewed products into the cache that are not there, page by page. */
  async *warm(count: number, options: WarmOptions): AsyncGenerator<ProductWarmStep, void> {
    yield* warmPopular(this.#products, async (select) => this.#select(select), {
      count,
      ...options,
    });
  }

  /** Within the bound on statements at once that the cache's own loads keep too. */
  async #select<Result>(select: (db: Queryable) => Promise<Result>): Promise<Result> {
    const { cache, pool } = this.#options;
    return cache.load(async () => withConnection(pool, select));
  }

  /** The same for a call. */
  async #ask<Result>(select: (db: Queryable) => Promise<Result>): Promise<Result> {
    const { cache, pool, isWanted = () => true } = this.#options;
    return cache.load(async () => {
      if (!isWanted()) throw new CallAbandonedError('The caller has gone; nothing was asked.');
      return withConnection(pool, select);
    });
  }

  /** Compares products that are read with the database from now on, until the auditor is disposed of. */
  audit(onViolation: (violation: AuditViolation<number>) => void): Auditor<number> {
    return this.#products.audit(onViolation);
  }

  /** Has the cache follow changes made past the service from now on, until the drain is disposed of. */
  drain(onStuck: (err: unknown) => void): OutboxDrain<Connection> {
    return this.#options.cache.drain({ present: presentProducts(this.#products), onStuck });
  }

  /** Before its pages are read, so that ids of categories that never were leave nothing in the cache. */
  async #requireCategory(id: number, when: 'anew' | 'unknown' = 'unknown'): Promise<void> {
    if (when === 'unknown' && this.#knownCategories.has(id)) return;
    const { value: categories = [] } = await this.#categories.read('all');
    this.#knownCategories.clear();
    for (const category of categories) this.#knownCategories.add(category.id);
    if (!this.#knownCategories.has(id)) throw new CategoryNotFoundError(id);
  }

  /** A replay has changed nothing, so the cache had no part in it. */
  async #write<Answer>(
    name: string,
    plan: MutationPlan<Answer>,
    { input, request }: { input: unknown; request: IdempotentRequest | undefined },
  ): Promise<OperationResult<Answer>> {
    const once = request === undefined ? plan : idempotent(plan, request, input);
    return this.#measured(name, 'write', async () => {
      const { cache, isWanted } = this.#options;
      const { outcome, value } = await cache.write(once, isWanted);
      const { answer, ...told } = value;
      return { outcome: value.replayed ? 'none' : outcome, value: answer, ...told };
    });
  }

  async #measured<Value>(
    name: string,
    kind: Operation['kind'],
    run: () => Promise<OperationResult<Value>>,
  ): Promise<OperationResult<Value>> {
    return this.#options.instrument({ name, kind }, run);
  }
}

function pageOf(items: readonly ReadResult<Buffer>[], nextAfter: unknown): EncodedJson<Page> {
  return EncodedJson.object<Page>({
    items: present(items),
    nextCursor: EncodedJson.of(nextAfter === null ? null : encodeCursor(nextAfter)),
  });
}

/** Without those that were deleted since their ids were read. */
function present(items: readonly ReadResult<Buffer>[]): EncodedJson<Product[]> {
  return EncodedJson.array(
    items.flatMap(({ value }) =>
      value === undefined ? [] : [EncodedJson.ofBytes<Product>(value)],
    ),
  );
}

function productOrNull(bytes: Buffer | undefined): EncodedJson<Product | null> {
  return bytes === undefined ? EncodedJson.of(null) : EncodedJson.ofBytes<Product>(bytes);
}

/** Where the database alone found nothing, the cache had no part in the answer. */
function foundOutcome(items: readonly ReadResult<unknown>[]) {
  return items.length === 0 ? 'none' : worstOf(items);
}

function worstOf(results: readonly ReadResult<unknown>[]) {
  return worstOutcome(results.map(({ outcome }) => outcome));
}
