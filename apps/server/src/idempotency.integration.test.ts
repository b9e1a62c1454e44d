import { createClient } from '@throughline/client';
import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type RealService, someProduct, startServer } from './testing/real-service.ts';
import { tokenWith } from './testing/tokens.ts';

const patience = { timeout: 20_000 };

/** What stands between clients and a service, and loses answers. */
interface LossyProxy extends AsyncDisposable {
  readonly url: string;
  /** The service that new connections go to. */
  target: RealService;
  /** So many of the next answers are lost, with their connections. */
  losses: number;
  /** How many were lost so far. */
  lost: number;
}

async function openLossyProxy(first: RealService): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(proxy.target.url).port), '127.0.0.1');
    for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (proxy.losses === 0) client.write(data);
      else {
        proxy.losses -= 1;
        proxy.lost += 1;
        client.resetAndDestroy();
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/trpc`,
    target: first,
    losses: 0,
    lost: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

async function startAll(environment: Record<string, string> = {}, count = 1) {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await createTestDatabase());
  const stores = {
    DATABASE_URL: database.url,
    REDIS_URL: localStack().redisUrl,
    CACHE_NAMESPACE: redisKeyPrefix(),
    ...environment,
  };
  const start = async () => opening.use(await startServer(stores));
  const services = await Promise.all(Array.from({ length: count }, start));
  const opened = opening.move();
  return { services, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

function firstOf(services: readonly RealService[]): RealService {
  const [service] = services;
  if (service === undefined) throw new Error('No service was started.');
  return service;
}

async function clientOf({ url }: LossyProxy) {
  const token = await tokenWith('catalog:read', 'catalog:write');
  return createClient({ url, token, retryForMs: 25_000 });
}

describe('a client of the service', () => {
  it('whose answers are lost gets the first one with its retry, and has changed stock once', async () => {
    await using at = await startAll();
    const service = firstOf(at.services);
    const { id } = await someProduct(service);
    await using proxy = await openLossyProxy(service);
    const client = await clientOf(proxy);
    proxy.losses = 2;
    const answer = await client.product.adjustStock.mutate({ id, delta: 1 });
    expect(proxy.losses).toBe(0);
    expect(answer).toMatchObject({ stock: 4, version: 2 });
    expect(await service.client.product.byId.query({ id })).toEqual(answer);
    proxy.losses = 1;
    const deleted = await client.product.delete.mutate({ id });
    expect([proxy.losses, deleted]).toEqual([0, { id, version: 3 }]);
  });

  it(
    'that meets another process after one was killed under its writes has made each of them once',
    { timeout: 90_000 },
    async () => {
      await using at = await startAll({}, 2);
      const [one, two] = at.services;
      if (one === undefined || two === undefined) throw new Error('Two services were to start.');
      const { id } = await someProduct(one);
      await using proxy = await openLossyProxy(one);
      const client = await clientOf(proxy);
      const versions: number[] = [];
      const ending = new AbortController();
      const writer = async () => {
        while (!ending.signal.aborted) {
          versions.push((await client.product.adjustStock.mutate({ id, delta: 1 })).version);
        }
      };
      const writers = Promise.all([writer(), writer(), writer(), writer()]);
      const made = () => versions.length;
      await expect.poll(made, patience).toBeGreaterThan(10);
      proxy.losses = Number.POSITIVE_INFINITY;
      await expect.poll(() => proxy.lost, patience).toBeGreaterThan(3);
      one.process.kill('SIGKILL');
      await one.process.exited;
      const madeBefore = made();
      proxy.losses = 0;
      proxy.target = two;
      await expect.poll(made, patience).toBeGreaterThan(madeBefore + 10);
      ending.abort();
      await writers;
      const { stock, version } = await two.client.product.byId.query({ id });
      expect([stock, version]).toEqual([3 + made(), 1 + made()]);
      const each = Array.from({ length: made() }, (_, index) => index + 2);
      expect(versions.toSorted((x, y) => x - y)).toEqual(each);
    },
  );
});

describe('a service process', () => {
  it.each([
    ['with Redis', {}],
    ['without Redis', { REDIS_URL: 'redis://127.0.0.1:1' }],
  ])(
    '%s gives the first answer again, to the byte, and refuses the key for another input',
    async (_, environment) => {
      await using at = await startAll(environment);
      const service = firstOf(at.services);
      const { id } = await someProduct(service);
      const authorization = `Bearer ${await tokenWith('catalog:write')}`;
      const adjust = async (delta: number) =>
        fetch(`${service.url}/product.adjustStock`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json', 'idempotency-key': 'k' },
          body: JSON.stringify({ id, delta }),
        });
      const [first, again, other] = [await adjust(1), await adjust(1), await adjust(2)];
      expect(first.headers.get('idempotency-replayed')).toBe(null);
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
      expect(await again.text()).toBe(await first.text());
      expect(other.status).toBe(409);
      expect(await other.json()).toMatchObject({
        error: { data: { code: 'CONFLICT', serviceCode: 'IDEMPOTENCY_KEY_REUSED' } },
      });
      expect(await service.client.product.byId.query({ id })).toMatchObject({
        stock: 4,
        version: 2,
      });
      service.process.kill('SIGTERM');
      await service.process.line('stopped');
      expect(service.process.messages.filter((msg) => msg === 'stock adjusted')).toHaveLength(1);
    },
  );
});
