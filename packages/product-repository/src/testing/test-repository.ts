import { redisKeyPrefix, localStack } from '@throughline/local-stack/testing';
import {
  type EntryStore,
  type Instrument,
  type Operation,
  WriteThroughCache,
} from '@throughline/write-through';
import {
  PgConnectionPool,
  PostgresEpochRegister,
  PostgresTransactions,
  type Queryable,
} from '@throughline/write-through/postgres';
import { openRedisEntryStore } from '@throughline/write-through/testing';
import { openSequelize } from '../models/open-sequelize.ts';
import { ProductRepository } from '../product-repository.ts';
import { SequelizePool } from '../sequelize-pool.ts';
import { openTestCatalogue, type TestCatalogue } from './test-catalogue.ts';

/** One repository as of one process, and what its callers and its store saw of it. */
export interface RepositoryProcess {
  readonly repository: ProductRepository;
  readonly store: EntryStore;
  readonly operations: Operation[];
  readonly viewed: number[];
}

/** Repositories over one migrated database and one Redis prefix that are theirs alone. */
export interface TestRepositories extends AsyncDisposable {
  readonly catalogue: TestCatalogue;
  readonly first: RepositoryProcess;
  another(wrapStore?: (store: EntryStore) => EntryStore): Promise<RepositoryProcess>;
}

export async function openTestRepositories(): Promise<TestRepositories> {
  const opened = new AsyncDisposableStack();
  const catalogue = opened.use(await openTestCatalogue());
  const prefix = redisKeyPrefix();

  async function another(
    wrapStore: (store: EntryStore) => EntryStore = (store) => store,
  ): Promise<RepositoryProcess> {
    const sequelize = openSequelize({ databaseUrl: catalogue.url, poolMax: 8 });
    opened.defer(async () => sequelize.close());
    const pool = new SequelizePool(sequelize);
    const control = opened.use(
      new PgConnectionPool({ databaseUrl: catalogue.url, connectionsMax: 2 }),
    );
    const lease = opened.use(
      new PgConnectionPool({ databaseUrl: catalogue.url, connectionsMax: 1 }),
    );
    const store = wrapStore(
      opened.use(await openRedisEntryStore({ url: localStack().redisUrl, prefix })),
    );
    const name = 'test';
    const cache = opened.use(
      new WriteThroughCache<Queryable>({
        store,
        transactions: new PostgresTransactions({ writes: pool, control, name }),
        register: new PostgresEpochRegister({ lease, control, name }),
      }),
    );
    await cache.start();
    const [operations, viewed]: [Operation[], number[]] = [[], []];
    const instrument: Instrument = async (operation, run) => {
      operations.push(operation);
      return run();
    };
    const repository = new ProductRepository({
      cache,
      pool,
      lives: { productMs: 60_000, priceMs: 10_000, listMs: 60_000 },
      views: { count: (id) => void viewed.push(id) },
      instrument,
    });
    return { repository, store, operations, viewed };
  }

  return {
    catalogue,
    first: await another(),
    another,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}
