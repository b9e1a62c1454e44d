import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { expect, test } from 'vitest';
import { someProduct, startServer } from './testing/real-service.ts';

const subscribers = 1_000;
const changes = 60;
const patience = { timeout: 60_000, interval: 100 };

test('a thousand subscribers miss nothing and are told nothing twice, though the service is killed in the middle', async () => {
  await using database = await createTestDatabase();
  const stores = {
    DATABASE_URL: database.url,
    REDIS_URL: localStack().redisUrl,
    CACHE_NAMESPACE: redisKeyPrefix(),
  };
  await using opened = new AsyncDisposableStack();
  const writer = opened.use(await startServer(stores));
  const service = opened.use(await startServer(stores));
  const { id } = await someProduct(writer);
  const write = async () => {
    for (let sent = 0; sent < changes; sent += 1) {
      await writer.client.product.adjustStock.mutate({ id, delta: 1 });
    }
  };

  const { url, token } = service;
  const told = Array.from({ length: subscribers }, () =>
    opened.use(new Told(createClient({ url, token }), id)),
  );
  await expect
    .poll(() => told.filter(({ isCaughtUp }) => isCaughtUp).length, patience)
    .toBe(subscribers);
  const writing = write();
  await expect.poll(() => told.some(({ versions }) => versions.length > 0), patience).toBe(true);
  service.process.kill('SIGKILL');
  await service.process.exited;
  opened.use(await startServer({ ...stores, PORT: new URL(url).port }));
  await writing;

  const versions = Array.from({ length: changes }, (_, index) => index + 2);
  await expect
    .poll(() => told.filter((each) => each.versions.length >= changes).length, patience)
    .toBe(subscribers);
  for (const each of told) expect(each.versions).toEqual(versions);
  const connections = told.reduce((sum, each) => sum + each.connections, 0);
  console.log(`${subscribers} subscribers, ${changes} changes each, ${connections} connections`);
}, 180_000);

/** One subscriber to one product, and what it was told. */
class Told implements Disposable {
  readonly versions: number[] = [];
  isCaughtUp = false;
  connections = 0;
  readonly #subscription: { unsubscribe(): void };

  constructor(client: ThroughlineClient, id: number) {
    this.#subscription = client.product.changes.subscribe(
      { ids: [id] },
      {
        onStarted: () => (this.connections += 1),
        onData: ({ data: event }) => {
          if (event.type === 'caught-up') this.isCaughtUp = true;
          else if (event.type === 'changed' && event.version > 1) this.versions.push(event.version);
        },
      },
    );
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }
}
