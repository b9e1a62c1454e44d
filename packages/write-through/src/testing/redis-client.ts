import { createClient } from 'redis';

/** A connection of the test's own, to do to a Redis what an administrator may. */
export async function openRedisClient(url: string) {
  const client = createClient({ url });
  // Whoever waits for an answer is told; a test may well stop the server in between.
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, {
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  });
}
