import { TooManyProductsError } from '@throughline/api';
import { EventEmitter } from 'node:events';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { limits } from './limits.ts';
import { ProductsInFlight } from './products-in-flight.ts';
import { startService } from './testing/running-service.ts';

test('answers hold so many products together, and give them back once they are complete or their client has gone', () => {
  const products = new ProductsInFlight(10);
  const [first, second] = [newAnswer(), newAnswer()];
  const [askFirst, askSecond] = [products.forAnswer(first), products.forAnswer(second)];
  askFirst(4);
  askFirst(4);
  askSecond(2);
  expect(() => askSecond(1)).toThrow(TooManyProductsError);
  first.emit('prefinish');
  first.emit('close');
  expect(products.held).toBe(2);
  askSecond(8);
  second.emit('close');
  expect(products.held).toBe(0);
});

test('a call whose client has gone holds nothing for ever', () => {
  const products = new ProductsInFlight(10);
  const answer = newAnswer();
  const ask = products.forAnswer(answer);
  answer.destroyed = true;
  ask(10);
  expect(products.held).toBe(0);
});

test('two of the largest requests that there may be are answered, and what is too much beside them may be sent again', async () => {
  const held = new EventEmitter();
  await using service = await startService();
  const { products } = service;
  const byCategory = products.byCategory.bind(products);
  const { value: category } = await products.createCategory({ name: 'Tools', slug: 'tools' });
  const begun = Promise.withResolvers<void>();
  const released = new Promise((resolve) => held.once('release', resolve));
  let calls = 0;
  products.byCategory = async (input) => {
    calls += 1;
    if (calls === 200) begun.resolve();
    await released;
    return byCategory(input);
  };
  const large = [1, 2].map(async () => service.request(pages(category.id, 100)));
  await begun.promise;
  const beside = await service.request(pages(category.id, 1));
  expect(beside.status).toBe(503);
  expect(await beside.json()).toMatchObject([
    { error: { data: { serviceCode: 'TOO_MANY_PRODUCTS', retryable: true } } },
  ]);
  held.emit('release');
  expect((await Promise.all(large)).map(({ status }) => status)).toEqual([200, 200]);
});

/** A batch of so many calls, each for as many products as one may ask for. */
function pages(categoryId: number, calls: number): string {
  expect(calls * 200).toBeLessThanOrEqual(limits.productsMax);
  const each = Array.from({ length: calls }, () => ({ categoryId, limit: 200 }));
  const paths = each.map(() => 'product.byCategory').join(',');
  return `${paths}?batch=1&input=${encodeURIComponent(JSON.stringify(Object.fromEntries(each.entries())))}`;
}

function newAnswer(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}
