import pg from 'pg';
import { createClient } from 'redis';
import { selectAfter } from '../shops/product-table.ts';
import { serverEnvironment } from './environment.ts';
import { sayReady } from './ready.ts';
import { reportItself } from './self-report.ts';

// What a warm-up cannot do without: all products selected page by page, and each SET, pipelined.
const pageSize = 1_000;
const lifeMs = 900_000;

const { DATABASE_URL, REDIS_URL, METRICS_PORT } = serverEnvironment();
const db = new pg.Client({ connectionString: DATABASE_URL });
await db.connect();
const redis = createClient({ url: REDIS_URL });
await redis.connect();
const beganMs = performance.now();
let entries = 0;
let bytes = 0;
for (let lastId = 0; ;) {
  const { rows } = await db.query<{ id: number }>({
    name: 'select_after',
    text: selectAfter,
    values: [lastId, pageSize],
  });
  const sets = rows.map(async (row) => {
    const json = JSON.stringify(row);
    bytes += Buffer.byteLength(json);
    return redis.set(`product:${row.id}`, json, { expiration: { type: 'PX', value: lifeMs } });
  });
  await Promise.all(sets);
  entries += rows.length;
  lastId = rows.at(-1)?.id ?? 0;
  if (rows.length < pageSize) break;
}
const tookSeconds = (performance.now() - beganMs) / 1000;
await reportItself(METRICS_PORT, () => ({
  cache_warm_duration_seconds: tookSeconds,
  cache_warmed_entries: entries,
  bench_payload_bytes: bytes / entries,
}));
sayReady();
