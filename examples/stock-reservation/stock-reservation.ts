import { createClient, failureOf } from '@throughline/client';
import { argv, env } from 'node:process';

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
});

/** One line of an order; an order has no two with the same product and quantity. */
interface OrderLine {
  readonly order: string;
  readonly productId: number;
  readonly quantity: number;
}

/** Takes what was ordered off the stock, if it is there. */
async function reserve({ order, productId: id, quantity }: OrderLine): Promise<string> {
  // All that the reservation is, so that another line, or another quantity, is another reservation. However often this one
  // is handled, by whichever process: within a day, and with tokens of the same subject, it is taken off once.
  const idempotencyKey = `reservation:${order}:${id}:${quantity}`;
  try {
    await client.product.adjustStock.mutate(
      { id, delta: -quantity },
      { context: { idempotencyKey } },
    );
    return 'reserved';
  } catch (err) {
    if (failureOf(err).code !== 'STOCK_INSUFFICIENT') throw err;
    return 'sold out';
  }
}

const [, , productId = '1', quantity = '1', ...orders] = argv;
const product = { productId: Number(productId), quantity: Number(quantity) };
await Promise.all(
  orders.map(async (order) => console.log(`${order}: ${await reserve({ order, ...product })}`)),
);

const { stock } = await client.product.byId.query({ id: product.productId });
console.log(`${stock} left`);
