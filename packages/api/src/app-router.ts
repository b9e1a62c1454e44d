import type { CacheAdmin, ProductService } from '@throughline/product-repository';
import { createCacheRouter } from './cache-router.ts';
import type { CacheStatus } from './cache-status.ts';
import { createCategoryRouter } from './category-router.ts';
import { createProductRouter } from './product-router.ts';
import { router } from './trpc.ts';

export interface AppRouterDependencies {
  readonly products: ProductService;
  readonly admin: CacheAdmin;
  readonly status: () => CacheStatus;
}

/** Every procedure of the service, see the contract in the README. */
export function createAppRouter({ products, admin, status }: AppRouterDependencies) {
  return router({
    product: createProductRouter(products),
    category: createCategoryRouter(products),
    cache: createCacheRouter({ admin, status }),
  });
}

/** All that a client needs to know: import it as a type. */
export type AppRouter = ReturnType<typeof createAppRouter>;
