import type { Committed } from './audit-trail.ts';

/** The wall clock of an answer is read in whole milliseconds. */
export const clockSlackMs = 2;

/** All that was committed of one product, by version. */
export type Versions = ReadonlyMap<number, Committed>;

const none: Versions = new Map();

/** What PostgreSQL says was committed, by product. */
export class Trail {
  readonly products: ReadonlyMap<number, Versions>;

  constructor(committed: readonly Committed[]) {
    this.products = new Map(
      [...Map.groupBy(committed, ({ id }) => id)].map(([id, rows]): [number, Versions] => [
        id,
        new Map(rows.map((row) => [row.version, row])),
      ]),
    );
  }

  /** Empty for a product that never was. */
  versions(productId: number): Versions {
    return this.products.get(productId) ?? none;
  }
}
