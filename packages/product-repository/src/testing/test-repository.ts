import { redisKeyPrefix, localStack } from '@throughline/local-stack/testing';
import {
  type EntryStore,
  type Instrument,
  type Operation,
  systemAmbient,
  type Transactions,
  WriteThroughCache,
} from '@throughline/write-through';
import {
  type ConnectionPool,
  interceptedPool,
  PgConnectionPool,
  PostgresEpochRegister,
  PostgresOutbox,
  PostgresTransactions,
  type Connection,
} from '@throughline/write-through/postgres';
import { openRedisEntryStore } from '@throughline/write-through/testing';
import { ChangeFeed } from '../change-feed.ts';
import { PostgresChangeLog } from '../change-log.ts';
import { openSequelize } from '../models/open-sequelize.ts';
import { ProductRepository, type ProductRepositoryOptions } from '../product-repository.ts';
import { SequelizePool } from '../sequelize-pool.ts';
import { openTestCatalogue, type TestCatalogue } from './test-catalogue.ts';

/** One repository as of one process, and what its callers and its store saw of it. */
export interface RepositoryProcess {
  readonly repository: ProductRepository;
  readonly pool: ConnectionPool;
  readonly control: ConnectionPool;
  readonly cache: WriteThroughCache<Connection>;
  readonly store: EntryStore;
  /** The names of what Redis was sent. */
  readonly commands: string[];
  /** The names of the statements that PostgreSQL was sent by the repository. */
  readonly statements: string[];
  readonly operations: Operation[];
  readonly viewed: number[];
}

/** Stands between a repository and its stores. */
export interface StoreWraps {
  readonly store?: (store: EntryStore) => EntryStore;
  readonly transactions?: (transactions: Transactions<Connection>) => Transactions<Connection>;
  /** That of write transactions alone. */
  readonly pool?: (pool: ConnectionPool) => ConnectionPool;
  /** As of another release. */
  readonly sources?: ProductRepositoryOptions['sources'];
}

/** Repositories over one migrated database and one Redis prefix that are theirs alone. */
export interface TestRepositories extends AsyncDisposable {
  readonly catalogue: TestCatalogue;
  readonly prefix: string;
  readonly first: RepositoryProcess;
  another(wraps?: StoreWraps): Promise<RepositoryProcess>;
}

export async function openTestRepositories(): Promise<TestRepositories> {
  const opened = new AsyncDisposableStack();
  const catalogue = opened.use(await openTestCatalogue());
  const stores = {
    databaseUrl: catalogue.url,
    redisUrl: localStack().redisUrl,
    prefix: redisKeyPrefix(),
  };
  const another: TestRepositories['another'] = async (wraps) =>
    openRepositoryProcess(opened, stores, wraps);

  return {
    catalogue,
    prefix: stores.prefix,
    first: await another(),
    another,
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

/** One repository on stores that are there; the stack closes what it opens. */
export async function openRepositoryProcess(
  opened: AsyncDisposableStack,
  stores: { readonly databaseUrl: string; readonly redisUrl: string; readonly prefix: string },
  wraps: StoreWraps = {},
): Promise<RepositoryProcess> {
  const { databaseUrl, redisUrl: url, prefix } = stores;
  const { store: wrapStore = (store) => store, transactions: wrap = (inner) => inner } = wraps;
  const { pool: wrapPool = (inner) => inner } = wraps;
  const sequelize = openSequelize({ databaseUrl, poolMax: 8 });
  opened.defer(async () => sequelize.close());
  const statements: string[] = [];
  const pool = interceptedPool(new SequelizePool(sequelize), async ({ name: sent }, send) => {
    if (sent !== undefined) statements.push(sent);
    return send();
  });
  const control = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 2 }));
  const lease = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 1 }));
  const commands: string[] = [];
  const onCommand = (sent: string) => void commands.push(sent);
  const store = wrapStore(opened.use(await openRedisEntryStore({ url, prefix, onCommand })));
  const name = 'test';
  const cache = opened.use(
    new WriteThroughCache<Connection>({
      store,
      transactions: wrap(new PostgresTransactions({ writes: wrapPool(pool), control, name })),
      register: new PostgresEpochRegister({ lease, control, name }),
      outbox: new PostgresOutbox({ control, name }),
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
    feed: opened.use(
      new ChangeFeed({
        log: new PostgresChangeLog(control),
        ambient: systemAmbient,
        onFailure: (err) => {
          throw err;
        },
      }),
    ),
    instrument,
    ...(wraps.sources && { sources: wraps.sources }),
  });
  return { repository, pool, control, cache, store, commands, statements, operations, viewed };
}
