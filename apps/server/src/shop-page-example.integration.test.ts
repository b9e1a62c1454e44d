import { spawnNode } from '@throughline/local-stack/testing';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
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

it('the example of a shop page answers 500 for a page that is at fault, and goes on', async () => {
  // A product without what the page takes for granted.
  const strange = createServer((_, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"0":[[0],[null,0,0]]}\n[0,0,[[{"result":{"data":{"name":"Lamp"}}}]]]\n');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void strange.close());
  await once(strange, 'listening');
  const address = strange.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/trpc`;
  await using shop = spawnNode(example, { env: { URL: url, PORT: '0' } });
  const [, home = ''] = await shop.waitForLine(/^The shop is at (\S+)$/);
  for (const target of ['/products/1', '/products/2']) {
    const response = await fetch(new URL(target, home));
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Please try again in a moment.');
  }
  expect(shop.stderr.join('\n')).toContain('TypeError');
});
