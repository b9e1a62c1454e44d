import {
  type CacheAdmin,
  entrySchema,
  verifySchema,
  warmSchema,
} from '@throughline/product-repository';
import type { WarmProgress } from '@throughline/write-through';
import type { CacheStatus } from './cache-status.ts';
import { adminProcedure, router } from './trpc.ts';

export interface CacheRouterDependencies {
  readonly admin: CacheAdmin;
  readonly status: () => CacheStatus;
}

export function createCacheRouter({ admin, status }: CacheRouterDependencies) {
  return router({
    status: adminProcedure.query(() => status()),
    invalidate: adminProcedure
      .input(entrySchema)
      .mutation(async ({ input }) => admin.invalidate(input.key)),
    reset: adminProcedure.mutation(async () => admin.reset()),
    inspect: adminProcedure.input(entrySchema).query(async ({ input }) => admin.inspect(input.key)),
    // A link that cannot take a stream gets every step at the end; `for await` reads the one as the other.
    warm: adminProcedure
      .input(warmSchema)
      .mutation(async ({ ctx, input }): Promise<AsyncIterable<WarmProgress> | WarmProgress[]> =>
        ctx.takesStream ? admin.warm(input.count) : Array.fromAsync(admin.warm(input.count)),
      ),
    verify: adminProcedure
      .input(verifySchema)
      .mutation(async ({ input }) => admin.verify(input.sample)),
  });
}
