import { createClient, isThroughlineError } from '@throughline/client';
import { env } from 'node:process';

const client = createClient({ url: env['URL'] ?? '', token: env['TOKEN'] });

const category = await client.category.create.mutate({ name: 'Lamps', slug: 'lamps' });
const { id, version: expectedVersion } = await client.product.create.mutate({
  sku: 'LAMP-1',
  name: 'Reading lamp',
  price: '19.90',
  stock: 3,
  categoryId: category.id,
});
await client.product.updatePrice.mutate({ id, price: '24.90', expectedVersion });
console.log((await client.product.byId.query({ id })).price);
try {
  await client.product.updatePrice.mutate({ id, price: '9.90', expectedVersion });
} catch (err) {
  if (!isThroughlineError(err)) throw err;
  console.log(err.data?.serviceCode);
}
