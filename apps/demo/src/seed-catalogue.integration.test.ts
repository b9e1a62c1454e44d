import { createTestDatabase } from '@throughline/local-stack/testing';
import { defineModels, migrate, openSequelize } from '@throughline/product-repository';
import { expect, test } from 'vitest';
import { makeCatalogue } from './catalogue.ts';
import { seedCatalogue } from './seed-catalogue.ts';

test('an empty database is filled once, however many processes try', async () => {
  await using database = await createTestDatabase();
  const sequelize = openSequelize({
    databaseUrl: database.url,
    poolMax: 3,
    acquireTimeoutMs: 20_000,
  });
  await migrate(sequelize);
  const seeded = await Promise.all([1, 2, 3].map(() => seedCatalogue(sequelize)));
  expect(seeded.filter(Boolean)).toHaveLength(1);

  const { Category, Product, ProductImage } = defineModels(sequelize);
  const { products, categories } = makeCatalogue();
  expect(await Category.count()).toBe(categories.length);
  expect(await Product.count()).toBe(products.length);
  expect(await ProductImage.count()).toBe(products.flatMap(({ images }) => images).length);
  const rows = await Product.findAll({ order: ['id'], raw: true });
  expect(
    rows.map(({ id, name, price, viewCount }) => [id, name, price, Number(viewCount)]),
  ).toEqual(products.map(({ id, name, price, viewCount }) => [id, name, price, viewCount]));

  const next = await Category.create({ name: 'After', slug: 'after' });
  expect(next.id).toBe(categories.length + 1);
  await sequelize.close();
});

test('a database with a category of somebody else is left alone', async () => {
  await using database = await createTestDatabase();
  const sequelize = openSequelize({ databaseUrl: database.url, poolMax: 1 });
  await migrate(sequelize);
  const { Category, Product } = defineModels(sequelize);
  await Category.create({ name: 'Mine', slug: 'mine' });
  expect(await seedCatalogue(sequelize)).toBe(false);
  expect(await Product.count()).toBe(0);
  await sequelize.close();
});
