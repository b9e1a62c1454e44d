import { createClient } from 'redis';

/** Where `limit` finds the whole answer to `product.byId`. */
export function answerKey(id: number): string {
  return `answer:${id}`;
}

/** Where `stock` finds the product alone. */
export function storedKey(id: number): string {
  return `product:${id}`;
}

/** Puts products there for those that only read. */
export async function storeAnswers(
  redisUrl: string,
  products: ReadonlyMap<number, string>,
): Promise<void> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  try {
    const sets = [...products].flatMap(([id, json]) => [
      client.set(answerKey(id), `{"result":{"data":${json}}}`),
      client.set(storedKey(id), json),
    ]);
    await Promise.all(sets);
  } finally {
    client.destroy();
  }
}
