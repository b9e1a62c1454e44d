import type { ModelStatic, Sequelize } from 'sequelize';
import { defineCategoryModel, type CategoryModel } from './category-model.ts';
import { defineProductImageModel, type ProductImageModel } from './product-image-model.ts';
import { defineProductModel, type ProductModel } from './product-model.ts';

export interface Models {
  readonly Category: ModelStatic<CategoryModel>;
  readonly Product: ModelStatic<ProductModel>;
  readonly ProductImage: ModelStatic<ProductImageModel>;
}

/**
 * The tables as Sequelize models, bound to this connection pool and no other: reads, writes and control have
 * pools of their own, and a class initialised twice would silently belong to the last of them.
 *
 * Models serve bulk work (seeding, imports). The statements of requests are prepared SQL on the same
 * connections, see statements/, because building a query costs more than everything else together.
 */
export function defineModels(sequelize: Sequelize): Models {
  const Category = defineCategoryModel(sequelize);
  const Product = defineProductModel(sequelize);
  const ProductImage = defineProductImageModel(sequelize);
  Category.hasMany(Product, { foreignKey: 'categoryId', as: 'products' });
  Product.belongsTo(Category, { foreignKey: 'categoryId', as: 'category' });
  Product.hasMany(ProductImage, { foreignKey: 'productId', as: 'images' });
  ProductImage.belongsTo(Product, { foreignKey: 'productId', as: 'product' });
  return { Category, Product, ProductImage };
}
