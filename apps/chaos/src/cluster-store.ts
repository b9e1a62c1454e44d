import { RedisCluster, type RedisServer } from '@throughline/local-stack';
import type { Store } from './store.ts';

/** Three primaries with a replica each. The nodes tell the service their own addresses: no proxy is in between. */
export class ClusterStore implements Store {
  readonly cluster: RedisCluster;

  private constructor(cluster: RedisCluster) {
    this.cluster = cluster;
  }

  static async open(): Promise<ClusterStore> {
    return new ClusterStore(await RedisCluster.start());
  }

  environment(): Readonly<Record<string, string>> {
    return { REDIS_CLUSTER_URLS: this.cluster.urls.join(',') };
  }

  async primaries(): Promise<readonly RedisServer[]> {
    return this.cluster.primaries();
  }

  async heal(): Promise<void> {
    for (const node of this.cluster.nodes) await node.resume();
    await this.cluster.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
