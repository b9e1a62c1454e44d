import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { z } from 'zod';
import { serverEnvironment } from '../servers/environment.ts';
import { sayReady } from '../servers/ready.ts';
import { reportItself } from '../servers/self-report.ts';
import type { OpenShop, Shop } from './shop.ts';

/** Serves a shop as most do: tRPC's standalone adapter, inputs checked by Zod, no telemetry. */
export async function serveShop(open: OpenShop): Promise<void> {
  const { DATABASE_URL, REDIS_URL, PORT, METRICS_PORT } = serverEnvironment();
  const count = { selects: 0 };
  const shop = await open({ databaseUrl: DATABASE_URL, redisUrl: REDIS_URL }, count);
  await reportItself(METRICS_PORT, () => ({ bench_selects_total: count.selects }));
  createHTTPServer({ router: routerOf(shop), basePath: '/trpc/' }).listen(
    PORT,
    '127.0.0.1',
    sayReady,
  );
}

const { router, procedure } = initTRPC.create();
const id = z.int().min(1).max(2_147_483_647);

function routerOf(shop: Shop) {
  return router({
    product: router({
      byId: procedure.input(z.strictObject({ id })).query(async ({ input }) => {
        const product = await shop.byId(input.id);
        if (product === null) throw new TRPCError({ code: 'NOT_FOUND' });
        return product;
      }),
      byCategory: procedure
        .input(z.strictObject({ categoryId: id, limit: z.int().min(1).max(200) }))
        .query(async ({ input }) => ({
          items: await shop.byCategory(input.categoryId, input.limit),
          nextCursor: null,
        })),
      updatePrice: procedure
        .input(z.strictObject({ id, price: z.string().regex(/^(0|[1-9]\d{0,9})\.\d{2}$/) }))
        .mutation(async ({ input }) => shop.updatePrice(input.id, input.price)),
    }),
  });
}
