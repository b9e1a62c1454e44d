import {
  CategoryNotFoundError,
  CursorInvalidError,
  EncodedJson,
  ProductNotFoundError,
  SkuTakenError,
  SlugTakenError,
  StockInsufficientError,
  StockTooLargeError,
  VersionConflictError,
  type AdjustStock,
  type ByCategory,
  type ByIds,
  type Category,
  type CreateCategory,
  type CreateProduct,
  type DeletedProduct,
  type DeleteProduct,
  type IdempotentRequest,
  type OperationResult,
  type FollowChanges,
  type Page,
  type PlacedEvent,
  type Popular,
  type Product,
  type ProductChange,
  type ProductService,
  type Search,
  type UpdatePrice,
  type UpdateProduct,
  type UpsertedProduct,
  type UpsertMany,
} from '@throughline/product-repository';
import { once } from 'node:events';
import type { ReadOutcome, WriteOutcome } from '@throughline/write-through';

const stockMax = 2_147_483_647;
const timestamp = '2026-01-01T00:00:00.000Z';

/**
 * A product service without stores, for tests of what stands in front of it. How the cache took part and
 * whether the stores are away is for the test to say.
 */
export class InMemoryProducts implements ProductService {
  /** What reads report, one after the other; `hit` when the list is empty. */
  readonly readOutcomes: ReadOutcome[] = [];
  writeOutcome: WriteOutcome = 'published';
  /** What came with each mutation. It keeps no answers: whether one is a replay is for the test to say, too. */
  readonly requests: (IdempotentRequest | undefined)[] = [];
  replays = false;
  /** What followers are told, before they wait to be ended. */
  readonly events: PlacedEvent[] = [{ id: '1', event: { type: 'caught-up' } }];
  /** Thrown by every operation while set. */
  failure: Error | null = null;
  readonly #products = new Map<number, Product>();
  readonly #categories = new Map<number, Category>();
  #lastId = 0;

  async byId(id: number) {
    return this.#read(() => {
      const product = this.#products.get(id);
      return product === undefined ? null : EncodedJson.of(product);
    });
  }

  async byIds({ ids }: ByIds) {
    return this.#read(() => EncodedJson.of(ids.map((id) => this.#products.get(id) ?? null)));
  }

  async byCategory({ categoryId, limit, cursor }: ByCategory) {
    return this.#read(() => {
      const found = this.#all().filter((product) => product.categoryId === categoryId);
      found.sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id);
      return toPage(found, limit, cursor);
    });
  }

  async search({ query, limit, cursor }: Search) {
    return this.#read(() => {
      const prefix = query.toLowerCase();
      const found = this.#all().filter(({ name }) => name.toLowerCase().startsWith(prefix));
      return toPage(found, limit, cursor);
    });
  }

  async popular({ limit }: Popular) {
    return this.#read(() => EncodedJson.of(this.#all().slice(0, limit)));
  }

  async changes({ lastEventId }: FollowChanges, signal: AbortSignal) {
    this.#failIfAsked();
    const after = Number(lastEventId ?? 0);
    return eventsUntil(
      this.events.filter(({ id }) => Number(id) > after),
      signal,
    );
  }

  async create(input: CreateProduct, request?: IdempotentRequest) {
    return this.#write<Product>(request, () => {
      this.#refuseTakenSku(input.sku);
      const id = ++this.#lastId;
      const product: Product = {
        ...input,
        id,
        category: this.#category(input.categoryId),
        images: toImages(input.images),
        version: 1,
        createdAt: timestamp,
        updatedAt: timestamp,
      };
      this.#products.set(id, product);
      return { value: product, change: { type: 'created', id, version: 1 } };
    });
  }

  async update(
    { id, expectedVersion, images, ...fields }: UpdateProduct,
    request?: IdempotentRequest,
  ) {
    return this.#write<Product>(request, () => {
      const current = this.#current(id, expectedVersion);
      if (fields.sku !== undefined) this.#refuseTakenSku(fields.sku, id);
      const {
        sku = current.sku,
        name = current.name,
        description = current.description,
        categoryId = current.categoryId,
      } = fields;
      const value = this.#replace(current, {
        sku,
        name,
        description,
        categoryId,
        category: this.#category(categoryId),
        images: images ? toImages(images) : current.images,
      });
      return { value, change: { type: 'updated', id, version: value.version } };
    });
  }

  async updatePrice({ id, price, expectedVersion }: UpdatePrice, request?: IdempotentRequest) {
    return this.#write<Product>(request, () => {
      const current = this.#current(id, expectedVersion);
      const value = this.#replace(current, { price });
      const { version } = value;
      const prices = { oldPrice: current.price, newPrice: price };
      return { value, change: { type: 'price-changed', id, version, ...prices } };
    });
  }

  async adjustStock({ id, delta, expectedVersion }: AdjustStock, request?: IdempotentRequest) {
    return this.#write<Product>(request, () => {
      const current = this.#current(id, expectedVersion);
      const stock = current.stock + delta;
      if (stock < 0) throw new StockInsufficientError(id, current.stock);
      if (stock > stockMax) throw new StockTooLargeError(id);
      const value = this.#replace(current, { stock });
      const { version } = value;
      return { value, change: { type: 'stock-adjusted', id, version, delta, stock } };
    });
  }

  async upsertMany({ products }: UpsertMany, request?: IdempotentRequest) {
    this.requests.push(request);
    this.#failIfAsked();
    const value = products.map((input): UpsertedProduct => {
      const { sku, categoryId, images } = input;
      if (!this.#categories.has(categoryId)) {
        const { code: serviceCode, message } = new CategoryNotFoundError(categoryId);
        return { sku, outcome: 'refused', serviceCode, message };
      }
      const current = this.#all().find((product) => product.sku === sku);
      const { description = current?.description ?? '', stock = current?.stock ?? 0 } = input;
      const product: Product = {
        ...input,
        id: current?.id ?? ++this.#lastId,
        description,
        stock,
        category: this.#category(categoryId),
        images: images ? toImages(images) : (current?.images ?? []),
        version: (current?.version ?? 0) + 1,
        createdAt: timestamp,
        updatedAt: timestamp,
      };
      this.#products.set(product.id, product);
      const { id, version } = product;
      return { sku, outcome: current ? 'updated' : 'created', id, version };
    });
    return { value, outcome: this.writeOutcome, ...(this.replays && { replayed: true as const }) };
  }

  async delete({ id, expectedVersion }: DeleteProduct, request?: IdempotentRequest) {
    return this.#write<DeletedProduct>(request, () => {
      const version = this.#current(id, expectedVersion).version + 1;
      this.#products.delete(id);
      return { value: { id, version }, change: { type: 'deleted', id, version } };
    });
  }

  async categories(): Promise<OperationResult<Category[]>> {
    this.#failIfAsked();
    return { value: [...this.#categories.values()], outcome: 'none' };
  }

  async createCategory(
    input: CreateCategory,
    request?: IdempotentRequest,
  ): Promise<OperationResult<Category>> {
    this.requests.push(request);
    this.#failIfAsked();
    for (const { slug } of this.#categories.values()) {
      if (slug === input.slug) throw new SlugTakenError(slug);
    }
    const category = { id: this.#categories.size + 1, ...input };
    this.#categories.set(category.id, category);
    return { value: category, outcome: 'none' };
  }

  #read<T>(run: () => T): OperationResult<T> {
    this.#failIfAsked();
    return { value: run(), outcome: this.readOutcomes.shift() ?? 'hit' };
  }

  #write<T>(
    request: IdempotentRequest | undefined,
    run: () => { value: T; change: ProductChange },
  ): OperationResult<T> {
    this.requests.push(request);
    this.#failIfAsked();
    return { ...run(), outcome: this.writeOutcome, ...(this.replays && { replayed: true }) };
  }

  #failIfAsked(): void {
    if (this.failure) throw this.failure;
  }

  #all(): Product[] {
    return [...this.#products.values()];
  }

  #category(id: number): Category {
    const category = this.#categories.get(id);
    if (!category) throw new CategoryNotFoundError(id);
    return category;
  }

  #current(id: number, expectedVersion: number | undefined): Product {
    const product = this.#products.get(id);
    if (!product) throw new ProductNotFoundError(id);
    if (expectedVersion !== undefined && expectedVersion !== product.version) {
      throw new VersionConflictError(id, product.version);
    }
    return product;
  }

  #replace(current: Product, fields: Partial<Product>): Product {
    const product = { ...current, ...fields, version: current.version + 1 };
    this.#products.set(product.id, product);
    return product;
  }

  #refuseTakenSku(sku: string, ownId?: number): void {
    const taken = this.#all().some((product) => product.sku === sku && product.id !== ownId);
    if (taken) throw new SkuTakenError(sku);
  }
}

async function* eventsUntil(events: readonly PlacedEvent[], signal: AbortSignal) {
  yield* events;
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}

function toPage(found: Product[], limit: number, cursor: string | undefined): EncodedJson<Page> {
  const from = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isInteger(from)) throw new CursorInvalidError();
  const to = from + limit;
  const nextCursor = to < found.length ? String(to) : null;
  return EncodedJson.of({ items: found.slice(from, to), nextCursor });
}

function toImages(images: CreateProduct['images']): Product['images'] {
  return images.map((image, position) => ({ ...image, id: position + 1, position }));
}
