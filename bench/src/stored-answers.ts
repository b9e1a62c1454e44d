import { Client } from 'pg';
import { createClient } from 'redis';
import { selectAfter } from './shops/product-table.ts';

/** Where `limit` finds the whole answer to `product.byId`. */
export function answerKey(id: number): string {
  return `answer:${id}`;
}

/** Where `stock` finds the product alone. */
export function storedKey(id: number): string {
  return `product:${id}`;
}

/** Puts the first products there for those that only read; as JSON, by id. */
export async function storeProducts(
  redisUrl: string,
  databaseUrl: string,
  count: number,
): Promise<Map<number, string>> {
  const products = await productsOf(databaseUrl, count);
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
  return products;
}

async function productsOf(databaseUrl: string, count: number): Promise<Map<number, string>> {
  const db = new Client(databaseUrl);
  await db.connect();
  try {
    const { rows } = await db.query<{ id: number }>(selectAfter, [0, count]);
    return new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
  } finally {
    await db.end();
  }
}
