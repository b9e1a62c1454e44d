import { defineModels, openSequelize, type Product } from '@throughline/product-repository';
import type { Model, Transaction } from 'sequelize';
import { z } from 'zod';
import { connectionsMax, type SelectCount } from './shop.ts';

/** A row as Sequelize gives it, with what belongs to it, made a product. */
const rowSchema = z.object({
  id: z.number(),
  sku: z.string(),
  name: z.string(),
  description: z.string(),
  price: z.string(),
  stock: z.number(),
  categoryId: z.number(),
  category: z.object({ id: z.number(), name: z.string(), slug: z.string() }),
  images: z.array(
    z.object({ id: z.number(), url: z.string(), alt: z.string(), position: z.number() }),
  ),
  version: z.number(),
  createdAt: z.date().transform((date) => date.toISOString()),
  updatedAt: z.date().transform((date) => date.toISOString()),
});

/** The catalogue through Sequelize's models, with what belongs to a product included. */
export class SequelizeCatalogue {
  readonly #sequelize: ReturnType<typeof openSequelize>;
  readonly #models: ReturnType<typeof defineModels>;
  readonly #count: SelectCount;

  constructor(databaseUrl: string, count: SelectCount) {
    this.#sequelize = openSequelize({
      databaseUrl,
      poolMax: connectionsMax,
      acquireTimeoutMs: 30_000,
    });
    this.#models = defineModels(this.#sequelize);
    this.#count = count;
  }

  async byId(id: number): Promise<Product | null> {
    this.#count.selects += 1;
    const row = await this.#models.Product.findByPk(id, { include: this.#included });
    return row === null ? null : productOf(row);
  }

  async byCategory(categoryId: number, limit: number): Promise<Product[]> {
    const rows = await this.#models.Product.findAll({
      where: { categoryId },
      order: ['name', 'id'],
      limit,
      include: this.#included,
    });
    return rows.map(productOf);
  }

  /** Reads the product, changes it and saves it, as most do; `beforeCommit` belongs to the transaction. */
  async updatePrice(
    id: number,
    price: string,
    beforeCommit: (product: Product) => Promise<void>,
  ): Promise<Product> {
    return this.#sequelize.transaction(async (transaction) =>
      this.#change({ id, price, transaction, beforeCommit }),
    );
  }

  async #change(change: {
    readonly id: number;
    readonly price: string;
    readonly transaction: Transaction;
    readonly beforeCommit: (product: Product) => Promise<void>;
  }): Promise<Product> {
    const { id, price, transaction, beforeCommit } = change;
    const row = await this.#models.Product.findByPk(id, { include: this.#included, transaction });
    if (row === null) throw new Error(`There is no product ${id}.`);
    row.price = price;
    row.version += 1;
    row.updatedAt = new Date();
    await row.save({ transaction });
    const product = productOf(row);
    await beforeCommit(product);
    return product;
  }

  get #included() {
    const { Category, ProductImage } = this.#models;
    return [
      { model: Category, as: 'category' },
      { model: ProductImage, as: 'images' },
    ];
  }
}

function productOf(row: Model): Product {
  return rowSchema.parse(row.get({ plain: true }));
}
