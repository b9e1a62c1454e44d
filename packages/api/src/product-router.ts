import {
  adjustStockSchema,
  byCategorySchema,
  byIdSchema,
  byIdsSchema,
  changesSchema,
  createProductSchema,
  deleteProductSchema,
  popularSchema,
  ProductNotFoundError,
  searchSchema,
  updatePriceSchema,
  updateProductSchema,
  upsertManySchema,
  type ProductService,
} from '@throughline/product-repository';
import { Session } from './session.ts';
import { tellChanges } from './tell-changes.ts';
import { readProcedure, router, writeProcedure } from './trpc.ts';

export function createProductRouter(products: ProductService) {
  return router({
    byId: readProcedure.input(byIdSchema).query(async ({ ctx, input }) => {
      const product = ctx.answer(await products.byId(input.id));
      if (product === null) throw new ProductNotFoundError(input.id);
      return product;
    }),
    byIds: readProcedure.input(byIdsSchema).query(async ({ ctx, input }) => {
      ctx.askFor(input.ids.length);
      return ctx.answer(await products.byIds(input));
    }),
    byCategory: readProcedure.input(byCategorySchema).query(async ({ ctx, input }) => {
      ctx.askFor(input.limit);
      return ctx.answer(await products.byCategory(input));
    }),
    search: readProcedure.input(searchSchema).query(async ({ ctx, input }) => {
      ctx.askFor(input.limit);
      return ctx.answer(await products.search(input));
    }),
    popular: readProcedure.input(popularSchema.prefault({})).query(async ({ ctx, input }) => {
      ctx.askFor(input.limit);
      return ctx.answer(await products.popular(input));
    }),
    changes: readProcedure
      .input(changesSchema.prefault({}))
      .subscription(async ({ ctx, input, signal = never }) =>
        tellChanges(products, input, new Session(ctx.auth, signal)),
      ),

    create: writeProcedure
      .input(createProductSchema)
      .mutation(async ({ ctx, input }) => ctx.answer(await products.create(input, ctx.idempotent))),
    update: writeProcedure
      .input(updateProductSchema)
      .mutation(async ({ ctx, input }) => ctx.answer(await products.update(input, ctx.idempotent))),
    updatePrice: writeProcedure
      .input(updatePriceSchema)
      .mutation(async ({ ctx, input }) =>
        ctx.answer(await products.updatePrice(input, ctx.idempotent)),
      ),
    adjustStock: writeProcedure
      .input(adjustStockSchema)
      .mutation(async ({ ctx, input }) =>
        ctx.answer(await products.adjustStock(input, ctx.idempotent)),
      ),
    upsertMany: writeProcedure.input(upsertManySchema).mutation(async ({ ctx, input }) => {
      ctx.askFor(input.products.length);
      return ctx.answer(await products.upsertMany(input, ctx.idempotent));
    }),
    delete: writeProcedure
      .input(deleteProductSchema)
      .mutation(async ({ ctx, input }) => ctx.answer(await products.delete(input, ctx.idempotent))),
  });
}

/** Of a caller that is no request. */
const never = new AbortController().signal;
