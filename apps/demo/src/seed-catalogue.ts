import { defineModels, type Sequelize } from '@throughline/product-repository';
import { markWriterSql } from '@throughline/write-through/postgres';
import { makeCatalogue, type Catalogue } from './catalogue.ts';

/** So many rows go into one INSERT: more makes statements long without making them faster. */
const batchRowsMax = 1_000;

/**
 * Fills an empty database with the demo catalogue; one that holds a product or a category already is left
 * alone. Returns whether it was filled. All of it is there or nothing, and processes that start at once fill
 * it once: the second waits for the lock and finds the products of the first.
 */
export async function seedCatalogue(
  sequelize: Sequelize,
  catalogue: Catalogue = makeCatalogue(),
): Promise<boolean> {
  const { Category, Product, ProductImage } = defineModels(sequelize);
  return await sequelize.transaction(async (transaction) => {
    const lock = 'LOCK TABLE categories, products, product_images IN SHARE ROW EXCLUSIVE MODE';
    await sequelize.query(lock, { transaction });
    await sequelize.query(mark, { transaction });
    const found =
      (await Category.findOne({ transaction })) ?? (await Product.findOne({ transaction }));
    if (found !== null) return false;

    await Category.bulkCreate([...catalogue.categories], { transaction });
    for (const batch of batchesOf(productRows(catalogue))) {
      await Product.bulkCreate(batch, { transaction });
    }
    for (const batch of batchesOf(imageRows(catalogue))) {
      await ProductImage.bulkCreate(batch, { transaction });
    }
    await sequelize.query(afterSeeding, { transaction });
    return true;
  });
}

function productRows({ products }: Catalogue) {
  // The images have a table of their own, and the model takes no notice of them.
  return products.map((product) => ({ ...product, version: 1, updatedAt: product.createdAt }));
}

function imageRows({ products }: Catalogue) {
  return products.flatMap(({ id, images }) =>
    images.map((image, position) => ({ ...image, productId: id, position })),
  );
}

function batchesOf<Row>(rows: readonly Row[]): Row[][] {
  const batches: Row[][] = [];
  for (let start = 0; start < rows.length; start += batchRowsMax) {
    batches.push(rows.slice(start, start + batchRowsMax));
  }
  return batches;
}

/** Nothing of an empty catalogue is cached by a service that starts afterwards, so nobody has to be told. */
const mark = markWriterSql('seed');

/** The ids were given, so the sequences have yet to pass them; and the planner should know what there is now. */
const afterSeeding = `
  SELECT setval('categories_id_seq', (SELECT max(id) FROM categories));
  SELECT setval('products_id_seq', (SELECT max(id) FROM products));
  ANALYZE categories, products, product_images`;
