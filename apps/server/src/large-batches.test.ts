import { expect, test } from 'vitest';
import { startService } from './testing/running-service.ts';

/** Calls of one batch, each for so many products. */
function pages(limits: readonly number[]): string {
  const paths = limits.map(() => 'product.popular').join(',');
  const inputs = Object.fromEntries(limits.map((limit, index) => [index, { limit }]));
  return `${paths}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`;
}

test('the calls of a request get two thousand products together: those beyond are refused in words, the others answered', async () => {
  await using service = await startService();
  let asked = 0;
  const { products } = service;
  const popular = products.popular.bind(products);
  products.popular = async (input) => {
    asked += 1;
    return popular(input);
  };
  const all = await service.request(pages(Array.from({ length: 20 }, () => 100)));
  expect(all.status).toBe(200);
  expect(asked).toBe(20);

  const some = await service.request(pages([...Array.from({ length: 20 }, () => 100), 1, 100]));
  expect(some.status).toBe(207);
  expect(asked).toBe(40);
  const answers: unknown = await some.json();
  const refused = {
    error: { data: { code: 'BAD_REQUEST', httpStatus: 400, serviceCode: 'TOO_MANY_PRODUCTS' } },
  };
  expect(answers).toMatchObject([
    ...Array.from({ length: 20 }, () => ({ result: {} })),
    refused,
    refused,
  ]);
});
