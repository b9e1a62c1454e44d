import { HeardClient } from '@throughline/write-through/postgres';

/** What those who read and write saw: how many statements went through, and how each of the others failed. */
export interface Uses {
  readonly reads: number;
  readonly writes: number;
  readonly failures: readonly string[];
}

export interface TableUsers extends AsyncDisposable {
  /** Resolves when so many more statements of each kind went through. */
  more(count: number): Promise<void>;
  /** Resolves when a statement has failed. */
  failed(): Promise<void>;
  /** Ends the load when every statement has ended. */
  stop(): Promise<Uses>;
}

const [readers, writers] = [2, 2];

/** Reads and writes products as the first release does, one statement after another. One that waits for a lock for longer fails. */
export async function openTableUsers(
  databaseUrl: string,
  { products, lockMs }: { readonly products: number; readonly lockMs: number },
): Promise<TableUsers> {
  await using opening = new AsyncDisposableStack();
  const count = { reads: 0, writes: 0 };
  const failures: string[] = [];
  const failing = Promise.withResolvers<void>();
  const ending = new AbortController();
  const waiting = new Set<{ reads: number; writes: number; resolve: () => void }>();
  const use = async (kind: 'reads' | 'writes', db: HeardClient) => {
    while (!ending.signal.aborted) {
      const id = 1 + Math.floor(Math.random() * products);
      try {
        await db.query(kind === 'reads' ? readSql : writeSql, [id]);
        count[kind] += 1;
      } catch (err) {
        failures.push(`${kind}: ${String(err)}`);
        failing.resolve();
      }
      for (const one of waiting) {
        if (count.reads >= one.reads && count.writes >= one.writes) one.resolve();
      }
    }
  };
  const clients: Promise<void>[] = [];
  for (let index = 0; index < readers + writers; index += 1) {
    const db = new HeardClient(databaseUrl);
    opening.defer(async () => db.end());
    await db.connect();
    await db.query(`SET lock_timeout = ${lockMs}; SET write_through.writer = 'test'`);
    clients.push(use(index < readers ? 'reads' : 'writes', db));
  }
  const opened = opening.move();
  const stop = async () => {
    ending.abort();
    await Promise.all(clients);
    return { ...count, failures };
  };
  return {
    more: async (more) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { reads: count.reads + more, writes: count.writes + more, resolve };
      waiting.add(one);
      await promise;
      waiting.delete(one);
    },
    failed: async () => failing.promise,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await opened.disposeAsync();
    },
  };
}

const readSql = `
  SELECT p.*, c.name AS category_name,
         (SELECT count(*) FROM product_images AS i WHERE i.product_id = p.id) AS images
    FROM products AS p JOIN categories AS c ON c.id = p.category_id WHERE p.id = $1`;

const writeSql = `UPDATE products SET price = price + 1, version = version + 1, updated_at = now() WHERE id = $1`;
