import { createClient, type ThroughlineClient } from '@throughline/client';
import { type ChildService, startChild } from './child-service.ts';
import { secret, tokenWith } from './tokens.ts';

/** A service process on real stores. */
export interface RealService extends AsyncDisposable {
  readonly token: string;
  readonly process: ChildService;
  readonly url: string;
  readonly metricsUrl: string;
  /** Has a token of every scope, and sends each call once: every answer counts, refusals too. */
  readonly client: ThroughlineClient;
}

/** A service process of its own, as operators start it, when it reports ready. */
export async function startServer(
  environment: Record<string, string>,
  nodeOptions?: readonly string[],
): Promise<RealService> {
  const service = await openServer(environment, nodeOptions);
  await service.process.line('ready');
  return service;
}

/** The same as soon as its port is open, before its warm-up has ended. */
export async function openServer(
  environment: Record<string, string>,
  nodeOptions?: readonly string[],
): Promise<RealService> {
  const settings = {
    PORT: '0',
    METRICS_PORT: '0',
    SHUTDOWN_NOTICE_MS: '0',
    AUTH_JWT_SECRET: new TextDecoder().decode(secret),
    LOG_LEVEL: 'info',
    ...environment,
  };
  const process = startChild('../main.ts', settings, nodeOptions);
  const metrics = await process.line('metrics are served');
  const trpc = await process.line('tRPC is served');
  const token = await tokenWith('catalog:read', 'catalog:write', 'cache:admin');
  return {
    process,
    token,
    url: trpc.url ?? '',
    metricsUrl: (metrics.url ?? '').replace('/metrics', ''),
    client: createClient({ url: trpc.url ?? '', token, retryForMs: 0 }),
    [Symbol.asyncDispose]: async () => process[Symbol.asyncDispose](),
  };
}

/** A category with one product, of which there are three. */
export async function someProduct({ client }: Pick<RealService, 'client'>) {
  const { id } = await client.category.create.mutate({ name: 'Lamps', slug: 'lamps' });
  return client.product.create.mutate({
    sku: 'LAMP-1',
    name: 'Reading lamp',
    price: '19.90',
    stock: 3,
    categoryId: id,
  });
}
