import { createClient, failureOf } from '@throughline/client';
import { env } from 'node:process';

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
});

const before = await client.product.byId.query({ id: 1 });
console.log(before.name, before.price, `version ${before.version}`);

const { id, version: expectedVersion } = before;
await client.product.updatePrice.mutate({ id, price: '24.90', expectedVersion });

const after = await client.product.byId.query({ id });
console.log(after.name, after.price, `version ${after.version}`);

try {
  await client.product.updatePrice.mutate({ id, price: '19.90', expectedVersion });
} catch (err) {
  const { code, message } = failureOf(err);
  console.log(code, '-', message);
}
