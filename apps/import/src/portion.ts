import { type UpsertProduct, upsertedProductsMax } from '@throughline/product-repository/schemas';
import { limits } from './limits.ts';
import type { ParsedRecord } from './parsed-record.ts';
import type { Position } from './position.ts';
import type { ProductRow } from './product-row.ts';

/** A record with what is to be sent of it, or why nothing is. */
export interface ReadRow {
  readonly record: Pick<ParsedRecord, 'line' | 'raw'>;
  readonly row: ProductRow;
}

/** Records that follow each other in the file and whose products are sent in one call. */
export class Portion {
  readonly begin: Position;
  readonly rows: ReadRow[] = [];
  readonly products: UpsertProduct[] = [];
  readonly #skus = new Set<string>();
  #end: Position;
  #bytes = 0;

  constructor(begin: Position) {
    this.begin = begin;
    this.#end = begin;
  }

  get end(): Position {
    return this.#end;
  }

  /** Those of its rejected records too: after an interruption they may be sent, if their category has come to be. */
  get skus(): ReadonlySet<string> {
    return this.#skus;
  }

  /** Whether the record fits in: a call names each SKU once. Where a portion ends depends on where it begins alone. */
  takes({ raw }: Pick<ParsedRecord, 'raw'>, { product }: ProductRow): boolean {
    if (this.rows.length === 0) return true;
    const isFull =
      this.products.length >= upsertedProductsMax ||
      this.rows.length >= limits.portionRecordsMax ||
      this.#bytes + bytesOf(raw, product) > limits.portionBytesMax;
    return !isFull && (product === undefined || !this.#skus.has(product.sku));
  }

  add(record: ParsedRecord, row: ProductRow): void {
    const { product } = row;
    this.rows.push({ record: { line: record.line, raw: record.raw }, row });
    this.#end = record.end;
    this.#bytes += bytesOf(record.raw, product);
    const sku = product?.sku ?? row.sku;
    if (sku !== undefined) this.#skus.add(sku);
    if (product !== undefined) this.products.push(product);
  }
}

/** What is held of it, and at least what is sent of it. */
function bytesOf(raw: Buffer, product: UpsertProduct | undefined): number {
  return raw.length + (product === undefined ? 0 : Buffer.byteLength(JSON.stringify(product)));
}
