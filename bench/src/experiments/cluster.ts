import { RedisCluster, type RedisServer } from '@throughline/local-stack';
import { createClient } from 'redis';
import type { ClusterResult } from '../measurements.ts';
import { startService } from '../variants/service-variants.ts';
import { query } from '../workloads/calls.ts';
import { Caller } from '../workloads/caller.ts';
import type { Context } from './context.ts';

const keys = 20;
const calls = 400;

/** How often each node of a Redis Cluster reads from its sockets while 20 products are read at once, by its own count. */
export async function measureCluster({
  surroundings,
  token,
  say,
}: Context): Promise<ClusterResult> {
  say('cluster: round trips');
  await using cluster = await RedisCluster.start({ primaries: 3, replicasOfEach: 0 });
  await using service = await startService(surroundings, {
    environment: {
      REDIS_URL: '',
      REDIS_CLUSTER_URLS: cluster.urls.join(','),
      CACHE_NAMESPACE: 'cluster',
    },
  });
  await using caller = new Caller({ trpcUrl: service.trpcUrl, token, connections: 1 });
  const ids = Array.from({ length: keys }, (_, index) => index + 1);
  const read = async () => caller.ask(query('product.byIds', { ids }));
  await read();
  await read();
  // One after another: calls at once would share their round trips.
  const [busy, busyMs] = await readsDuring(cluster.nodes, async () => {
    for (let call = 0; call < calls; call += 1) await read();
  });
  // What the nodes are asked anyway.
  const [idle, idleMs] = await readsDuring(cluster.nodes, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, busyMs);
    await promise;
  });
  return {
    keys,
    nodes: cluster.nodes.length,
    roundTripsPerNode: busy.map((count, node) => {
      const besides = ((idle[node] ?? 0) * busyMs) / idleMs;
      return (count - besides) / calls;
    }),
  };
}

async function readsDuring(
  nodes: readonly RedisServer[],
  work: () => Promise<void>,
): Promise<readonly [number[], number]> {
  await using opened = new AsyncDisposableStack();
  const clients = await Promise.all(
    nodes.map(async ({ url }) => {
      const client = createClient({ url });
      await client.connect();
      opened.defer(() => client.destroy());
      return client;
    }),
  );
  const count = async () =>
    Promise.all(
      clients.map(async (client) => {
        const info = await client.info('stats');
        return Number(/^total_reads_processed:(\d+)/m.exec(info)?.[1]);
      }),
    );
  const before = await count();
  const beganMs = performance.now();
  await work();
  const tookMs = performance.now() - beganMs;
  const after = await count();
  // The question itself is one of those that are counted.
  return [after.map((reads, node) => reads - (before[node] ?? Number.NaN) - 1), tookMs];
}
