import { spawnNode } from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startTracedService } from './testing/traced-service.ts';

const example = path.resolve(import.meta.dirname, '../../../examples/shop-page/shop-page.ts');

it('the example of a shop page shows the catalogue, goes on with traces, and says when it is out of order', async () => {
  await using traced = await startTracedService();
  const { client, url, token } = traced.service;
  const { id: categoryId } = await client.category.create.mutate({
    name: 'Lamps & <more>',
    slug: 'l',
  });
  const lamp = { sku: 'L', name: 'Lamp "<i>7</i>"', price: '19.90', description: `It's`, stock: 2 };
  const { id } = await client.product.create.mutate({ ...lamp, categoryId });
  await using shop = spawnNode(example, { env: { URL: url, TOKEN: token, PORT: '0' } });
  const [, home = ''] = await shop.waitForLine(/^The shop is at (\S+)$/);
  const visit = async (target: string, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(target, home), { headers });
    return { status: response.status, headers: response.headers, page: await response.text() };
  };

  expect((await visit('/')).page).toContain(
    `<a href="/categories/${categoryId}">Lamps &#38; &#60;more&#62;</a>`,
  );
  const category = await visit(`/categories/${categoryId}`);
  expect(category.page).toContain('<title>Lamps &#38; &#60;more&#62;</title>');
  expect(category.page).toContain('Lamp &#34;&#60;i&#62;7&#60;/i&#62;&#34;</a> 19.90');

  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const product = await visit(`/products/${id}`, { traceparent });
  expect(product).toMatchObject({ status: 200 });
  expect(product.page).toContain('<p>It&#39;s</p>');
  expect(product.page).toContain('19.90, 2 in stock');
  const request = () => traced.sink.trace(traceId).find(({ kind }) => kind === 'server');
  await expect
    .poll(request, { timeout: 20_000 })
    .toMatchObject({ parentSpanId: 'b7ad6b7169203331' });

  const missing = ['/products/999999', '/categories/999999', '/products/x', '/nowhere', '/%'];
  const pages = await Promise.all(missing.map(async (target) => visit(target)));
  expect(pages.map(({ status }) => status)).toEqual(missing.map(() => 404));

  await traced.service.process[Symbol.asyncDispose]();
  const late = await visit(`/products/${id}`);
  expect(late.status).toBe(503);
  expect(late.headers.get('retry-after')).toBe('5');
  expect(late.page).toContain('Please try again in a moment.');
}, 60_000);
