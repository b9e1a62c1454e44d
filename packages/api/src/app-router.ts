import type { CacheAdmin, ProductService } from '@throughline/product-repository';
import { createCacheRouter } from './cache-router.ts';
import type { CacheStatus } from './cache-status.ts';
import { createCategoryRouter } from './category-router.ts';
import { declaredScopes } from './declared-scopes.ts';
import { createProductRouter } from './product-router.ts';
import { router } from './trpc.ts';

export interface AppRouterDependencies {
  readonly products: ProductService;
  readonly admin: CacheAdmin;
  readonly status: () => CacheStatus;
}

/** Every procedure of the service, see the table in the README. Throws if one of them declares no scope. */
export function createAppRouter({ products, admin, status }: AppRouterDependencies) {
  const appRouter = router({
    product: createProductRouter(products),
    category: createCategoryRouter(products),
    cache: createCacheRouter({ admin, status }),
  });
  declaredScopes(appRouter);
  return appRouter;
}

/** All that a client needs to know: import it as a type. */
export type AppRouter = ReturnType<typeof createAppRouter>;
