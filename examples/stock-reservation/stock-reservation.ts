import { createClient, failureOf } from '@throughline/client';
import { argv, env } from 'node:process';

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
});

interface Order {
  readonly name: string;
  readonly productId: number;
  readonly quantity: number;
  /** What the customer was shown. */
  readonly price: string;
}

/** Takes what was ordered off the stock, if it is there and costs what was said. */
async function reserve(order: Order): Promise<string> {
  const { name, productId: id, quantity, price } = order;
  for (;;) {
    const product = await client.product.byId.query({ id });
    if (product.price !== price) return `costs ${product.price} by now`;
    try {
      await client.product.adjustStock.mutate(
        // Nothing may have changed since it was read, the price least of all.
        { id, delta: -quantity, expectedVersion: product.version },
        // However often this order is handled, by whichever process: it is taken off once.
        { context: { idempotencyKey: `reservation:${name}` } },
      );
      return 'reserved';
    } catch (err) {
      switch (failureOf(err).code) {
        case 'VERSION_CONFLICT':
          // Somebody else came first. That was one reservation more, so this ends.
          continue;
        case 'STOCK_INSUFFICIENT':
          return 'sold out';
        case 'IDEMPOTENCY_KEY_REUSED':
          // Its key was kept with the version of back then: it was reserved before.
          return 'reserved before';
        default:
          throw err;
      }
    }
  }
}

const [, , productId = '1', quantity = '1', ...names] = argv;
const { id, price } = await client.product.byId.query({ id: Number(productId) });
const orders = names.map((name) => ({ name, productId: id, quantity: Number(quantity), price }));
await Promise.all(
  orders.map(async (order) => console.log(`${order.name}: ${await reserve(order)}`)),
);

const { stock } = await client.product.byId.query({ id });
console.log(`${stock} left`);
