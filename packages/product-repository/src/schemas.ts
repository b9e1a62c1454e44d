/** What inputs may be, for those who need nothing else: it loads no driver of a database. */
export { createCategorySchema, type Category } from './category.ts';
export {
  type UpsertedProduct,
  upsertedProductsMax,
  upsertProductSchema,
  type UpsertProduct,
} from './upsert.ts';
