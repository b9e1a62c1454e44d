import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import { expect, it } from 'vitest';
import { type RealService, someProduct, startServer } from './testing/real-service.ts';

/** Longer than the trust lease, and no longer than any time within which a store must answer. */
const stallMs = 1_200;

it(
  'a process whose event loop stands still for longer than its trust lease answers what waited past the cache, without an error, and hits again',
  { timeout: 60_000 },
  async () => {
    await using database = await createTestDatabase();
    await using service = await startServer({
      DATABASE_URL: database.url,
      REDIS_URL: localStack().redisUrl,
      CACHE_NAMESPACE: redisKeyPrefix(),
    });
    const { id } = await someProduct(service);
    const read = async () => readById(service, id);
    await expect.poll(async () => (await read()).cache, { timeout: 10_000 }).toBe('hit');

    service.process.kill('SIGSTOP');
    const stoppedMs = performance.now();
    const waiting = Array.from({ length: 5 }, read);
    await expect
      .poll(() => performance.now(), { timeout: 10_000 })
      .toBeGreaterThan(stoppedMs + stallMs);
    service.process.kill('SIGCONT');
    const answers = await Promise.all(waiting);

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    // One was sent on the connection that was open, and read before PostgreSQL could confirm the epoch again.
    expect(answers.map(({ cache }) => cache)).toContain('bypass');
    await expect.poll(async () => (await read()).cache, { timeout: 10_000 }).toBe('hit');
  },
);

async function readById({ url }: RealService, id: number) {
  const answer = await fetch(
    `${url}/product.byId?input=${encodeURIComponent(JSON.stringify({ id }))}`,
  );
  await answer.text();
  return { status: answer.status, cache: answer.headers.get('x-cache') };
}
