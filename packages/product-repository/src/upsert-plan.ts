import type { AppliedWrite, CachedList, CachedRecords, EntryRef } from '@throughline/write-through';
import type { Connection } from '@throughline/write-through/postgres';
import { CategoryNotFoundError } from './errors.ts';
import type { MutationPlan, Written } from './idempotent-plan.ts';
import type { ProductChange } from './operation-result.ts';
import type { CategoryPageRef } from './product-sources.ts';
import type { CreateProduct, Product } from './product.ts';
import {
  type CategoryPage,
  lockProducts,
  lookUpSkus,
  type SkuLookup,
  writeProducts,
} from './statements/index.ts';
import type { UpsertedProduct, UpsertMany, UpsertProduct } from './upsert.ts';

export interface UpsertParts {
  readonly products: CachedRecords<number, Product>;
  readonly categoryPages: CachedList<number, CategoryPageRef, CategoryPage>;
}

/** A product that is to be written, with what it was when nothing was locked; without that it is yet to be. */
interface PlannedProduct {
  readonly id: number;
  readonly input: UpsertProduct;
  readonly before?: Product | undefined;
}

/** What a product is to be, and what it is. */
interface Target {
  readonly id: number;
  readonly wanted: CreateProduct;
  /** Absent where the product is yet to be. */
  readonly before?: Product | undefined;
}

/**
 * Writes many products by their SKUs, as one write of the engine: all that it may change is intended before
 * any row is locked, and all of it is committed or nothing.
 *
 * A product that is as it should be when it is looked up is left alone: no lock, no version, no entry. One that
 * has been renamed, moved or given another SKU since, or whose SKU has come up meanwhile, has the whole write planned again. Whatever
 * else has changed is judged anew under the lock.
 */
export function upsertPlan(
  { products: inputs }: UpsertMany,
  parts: UpsertParts,
): MutationPlan<UpsertedProduct[]> {
  return async (db) => {
    const categoryIds = distinct(inputs.map(({ categoryId }) => categoryId));
    const skus = inputs.map(({ sku }) => sku);
    const found = await lookUpSkus(db, skus, categoryIds);
    const planned = inputs.flatMap((input) => plannedOf(input, found) ?? []);
    return {
      entries: planned.flatMap((product) => entriesOf(product, parts)),
      apply: async () => {
        const written = await write(db, planned);
        return written === 'outdated' ? written : applied(inputs, { found, written }, parts);
      },
    };
  };
}

/** Undefined where there is nothing to be written. */
function plannedOf(input: UpsertProduct, found: SkuLookup): PlannedProduct | undefined {
  if (!found.categoryIds.has(input.categoryId)) return undefined;
  const before = found.products.get(input.sku);
  if (before === undefined) {
    const id = found.newIds.get(input.sku);
    if (id === undefined) throw new Error('PostgreSQL told nothing of a SKU.');
    return { id, input };
  }
  return isAs(before, wantedOf(input, before)) ? undefined : { id: before.id, input, before };
}

/** A new product enters a list; a move concerns the lists of both categories, a rename the list of its own. */
function entriesOf({ id, input, before }: PlannedProduct, parts: UpsertParts): EntryRef[] {
  const isPlacedAnew = before?.categoryId !== input.categoryId || before.name !== input.name;
  const lists = isPlacedAnew ? [before?.categoryId ?? input.categoryId, input.categoryId] : [];
  return [
    parts.products.entry(id),
    ...distinct(lists).map((categoryId) => parts.categoryPages.entry(categoryId)),
  ];
}

/** What became of a product: as it is after the write, and as it was before, if it was. */
interface WrittenProduct {
  readonly after: Product;
  readonly before?: Product | undefined;
}

/** The products by their SKUs. */
async function write(
  db: Connection,
  planned: readonly PlannedProduct[],
): Promise<Map<string, WrittenProduct> | 'outdated'> {
  if (planned.length === 0) return new Map();
  const entered = planned.filter(({ before, input }) => before?.categoryId !== input.categoryId);
  const existing = planned.filter(({ before }) => before !== undefined);
  const locked = await lockProducts(
    db,
    existing.map(({ id }) => id),
    distinct(entered.map(({ input }) => input.categoryId)),
  );
  if (locked === undefined) return 'outdated';
  const targets: Target[] = [];
  for (const { id, input, before } of planned) {
    const now = locked.get(id);
    if (before !== undefined && (now === undefined || isPlacedOtherwise(now, before))) {
      return 'outdated';
    }
    targets.push({ id, wanted: wantedOf(input, now), before: now });
  }
  const after = await writeProducts(
    db,
    batchOf(targets),
    targets.map(({ id }) => id),
  );
  if (after === 'taken') return 'outdated';
  return new Map(
    targets.map(({ id, wanted, before }) => [
      wanted.sku,
      { after: required(after.get(id)), before },
    ]),
  );
}

function batchOf(targets: readonly Target[]) {
  const fields = ({ id, wanted }: Target) => ({ ...wanted, id });
  const updated = targets.flatMap((target) => {
    const { before, wanted } = target;
    if (before === undefined || isAs(before, wanted)) return [];
    const isReworded = before.name !== wanted.name || before.description !== wanted.description;
    return [{ ...fields(target), isReworded }];
  });
  return {
    updated,
    created: targets.filter(({ before }) => before === undefined).map(fields),
    pictured: targets
      .filter(({ before, wanted }) => !hasImages(before?.images ?? [], wanted.images))
      .map(({ id, wanted: { images } }) => ({ id, images })),
  };
}

/** Also what was found to be as it should be once it was locked is published: it is the latest. */
function applied(
  inputs: readonly UpsertProduct[],
  {
    found,
    written,
  }: { readonly found: SkuLookup; readonly written: ReadonlyMap<string, WrittenProduct> },
  parts: UpsertParts,
): AppliedWrite<Written<UpsertedProduct[]>> {
  return {
    value: {
      answer: inputs.map(({ sku, categoryId }): UpsertedProduct => {
        const product = written.get(sku);
        if (product !== undefined) return answerOf(product);
        if (found.categoryIds.has(categoryId)) {
          const { id, version } = required(found.products.get(sku));
          return { sku, outcome: 'unchanged', id, version };
        }
        const { code: serviceCode, message } = new CategoryNotFoundError(categoryId);
        return { sku, outcome: 'refused', serviceCode, message };
      }),
      changes: [...written.values()].flatMap((product) => changeOf(product) ?? []),
    },
    changes: [...written.values()].map(({ after }) =>
      parts.products.changedTo(after.id, { version: after.version, value: after }),
    ),
  };
}

function answerOf({ after, before }: WrittenProduct): UpsertedProduct {
  const { sku, id, version } = after;
  if (before === undefined) return { sku, outcome: 'created', id, version };
  return { sku, outcome: before.version === version ? 'unchanged' : 'updated', id, version };
}

function changeOf({ after, before }: WrittenProduct): ProductChange | undefined {
  const { id, version, price: newPrice } = after;
  if (before === undefined) return { type: 'created', id, version };
  if (before.version === version) return undefined;
  return before.price === newPrice
    ? { type: 'updated', id, version }
    : { type: 'price-changed', id, version, oldPrice: before.price, newPrice };
}

/** What decides in which lists it stands, and under which SKU it was found. */
function isPlacedOtherwise(now: Product, before: Product): boolean {
  return now.sku !== before.sku || now.name !== before.name || now.categoryId !== before.categoryId;
}

/** With what the input leaves out as it is, or as it is of a new product. */
function wantedOf(input: UpsertProduct, now: Product | undefined): CreateProduct {
  const { description = now?.description ?? '', stock = now?.stock ?? 0 } = input;
  const { images = now?.images.map(({ url, alt }) => ({ url, alt })) ?? [] } = input;
  return { ...input, description, stock, images };
}

function isAs(product: Product, wanted: CreateProduct): boolean {
  return (
    product.name === wanted.name &&
    product.description === wanted.description &&
    product.price === wanted.price &&
    product.stock === wanted.stock &&
    product.categoryId === wanted.categoryId &&
    hasImages(product.images, wanted.images)
  );
}

function hasImages(images: Product['images'], wanted: CreateProduct['images']): boolean {
  return (
    images.length === wanted.length &&
    wanted.every(({ url, alt }, place) => images[place]?.url === url && images[place].alt === alt)
  );
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('A product vanished while it was locked.');
  return value;
}
