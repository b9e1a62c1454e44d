import { Client } from 'pg';
import { createClient } from 'redis';
import { metricSum } from '../metrics-page.ts';
import type { Program } from '../program.ts';
import type { Stores } from '../stores.ts';
import type { Sample } from './quantities.ts';

/** Looks at a service and its stores from outside, and hastens the age of what is kept for a day. */
export class Sampler implements AsyncDisposable {
  readonly #service: Program;
  readonly #db: Client;
  readonly #redis: Awaited<ReturnType<typeof connectRedis>>;

  private constructor(
    service: Program,
    db: Client,
    redis: Awaited<ReturnType<typeof connectRedis>>,
  ) {
    this.#service = service;
    this.#db = db;
    this.#redis = redis;
  }

  static async open(service: Program, stores: Stores): Promise<Sampler> {
    const redis = await connectRedis(stores.redisUrl);
    const db = new Client(stores.databaseUrl);
    await db.connect();
    return new Sampler(service, db, redis);
  }

  async sample(calls: number, atSeconds: number): Promise<Sample> {
    const page = await this.#service.page();
    const info = await this.#redis.info();
    const { rows } = await this.#db.query<Record<Count, string>>(countsSql);
    const [counts] = rows;
    return {
      calls,
      atSeconds,
      values: {
        heap: metricSum(page, 'nodejs_heap_size_used_bytes') / 1e6,
        external: metricSum(page, 'nodejs_external_memory_bytes') / 1e6,
        resident: metricSum(page, 'process_resident_memory_bytes') / 1e6,
        descriptors: metricSum(page, 'process_open_fds'),
        handles: metricSum(page, 'nodejs_active_handles'),
        delay: metricSum(page, 'nodejs_eventloop_lag_p99_seconds') * 1e3,
        redisMemory: Number(/^used_memory:(\d+)/m.exec(info)?.[1]) / 1e6,
        redisClients: Number(/^connected_clients:(\d+)/m.exec(info)?.[1]),
        backends: Number(counts?.backends),
        catalogue: Number(counts?.catalogue) / 1e6,
        outbox: Number(counts?.outbox),
        overdueKeys: Number(counts?.keys),
        unnumberedChanges: Number(counts?.unnumbered),
        overdueChanges: Number(counts?.changes),
        followers: metricSum(page, 'change_followers'),
      },
    };
  }

  /** The number that the latest change has, or is about to get. */
  async lastChange(): Promise<number> {
    const { rows } = await this.#db.query<{ number: string }>(lastChangeSql);
    return Number(rows[0]?.number);
  }

  /**
   * Another program changes a product; and answers and changes of half a minute ago count as a day old, or an hour more, which the
   * service is to delete.
   */
  async age(productId: number): Promise<void> {
    await this.#db.query(`UPDATE products SET stock = stock + 1 WHERE id = $1`, [productId]);
    await this.#db.query(
      `UPDATE idempotency_keys SET created_at = created_at - interval '24 hours'
        WHERE created_at BETWEEN now() - interval '12 hours' AND now() - interval '30 seconds'`,
    );
    await this.#db.query(
      `UPDATE product_changes SET numbered_at = numbered_at - interval '25 hours'
        WHERE numbered_at BETWEEN now() - interval '12 hours' AND now() - interval '30 seconds'`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.destroy();
    await this.#db.end();
  }
}

type Count = 'backends' | 'catalogue' | 'outbox' | 'keys' | 'unnumbered' | 'changes';

const lastChangeSql = `
  SELECT number + (SELECT count(*) FROM product_changes_unnumbered) AS number FROM product_changes_last`;

/** The service looks for what has expired at least every minute and a half, and takes its time to delete much. */
const countsSql = `
  SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'throughline%') AS backends,
         pg_total_relation_size('products') + pg_total_relation_size('product_images') AS catalogue,
         (SELECT count(*) FROM write_through_outbox) AS outbox,
         (SELECT count(*) FROM idempotency_keys
           WHERE created_at < now() - interval '24 hours 150 seconds') AS keys,
         (SELECT count(*) FROM product_changes_unnumbered) AS unnumbered,
         (SELECT count(*) FROM product_changes
           WHERE numbered_at < now() - interval '25 hours 150 seconds') AS changes`;

async function connectRedis(url: string) {
  return createClient({ url }).connect();
}
