import { type RecordSource, WriteThroughCache } from '@throughline/write-through';
import {
  PgConnectionPool,
  PostgresEpochRegister,
  PostgresTransactions,
  type Queryable,
} from '@throughline/write-through/postgres';
import { RedisEntryStore } from '@throughline/write-through/redis';
import { lifeMs } from '../shops/shop.ts';
import { type EngineValue, serveEngine, valueOf } from './serve-engine.ts';

const source: RecordSource<number, EngineValue> = {
  namespace: 'engine',
  schema: 1,
  lifeMs,
  versioned: true,
  key: String,
  load: async (ids) => new Map(ids.map((id) => [String(id), { version: 1, value: valueOf(id) }])),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => {
    const value: EngineValue = JSON.parse(payload.toString());
    return value;
  },
};

// The engine of the service with all its guarantees, and no service around it.
await serveEngine(async ({ DATABASE_URL: databaseUrl, REDIS_URL: url }) => {
  const name = 'engine';
  const pool = () => new PgConnectionPool({ databaseUrl, connectionsMax: 2 });
  const control = pool();
  const cache = new WriteThroughCache<Queryable>({
    store: new RedisEntryStore({ url, prefix: name }),
    transactions: new PostgresTransactions({ writes: pool(), control, name }),
    register: new PostgresEpochRegister({ lease: pool(), control, name }),
  });
  await cache.start();
  const records = cache.records(source);
  return async (id) => {
    const { value } = await records.read(id);
    if (value === undefined) throw new Error(`There is no value ${id}.`);
    return value;
  };
});
