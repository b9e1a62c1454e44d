import { createCategorySchema, type ProductService } from '@throughline/product-repository';
import { z } from 'zod';
import { readProcedure, router, writeProcedure } from './trpc.ts';

export function createCategoryRouter(products: ProductService) {
  return router({
    list: readProcedure
      .input(z.strictObject({}).optional())
      .query(async ({ ctx }) => ctx.answer(await products.categories())),
    create: writeProcedure
      .input(createCategorySchema)
      .mutation(async ({ ctx, input }) =>
        ctx.answer(await products.createCategory(input, ctx.idempotent)),
      ),
  });
}
