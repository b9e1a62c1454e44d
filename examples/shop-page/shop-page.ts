import { createClient, failureOf, isThroughlineError } from '@throughline/client';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage } from 'node:http';
import { env } from 'node:process';
import { html, type Html } from './html.ts';

interface Page {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request that is being answered. */
const visit = new AsyncLocalStorage<IncomingMessage>();

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
  // Nobody waits longer for a page.
  deadlineMs: 2_000,
  propagate: (headers) => {
    const traceparent = visit.getStore()?.headers['traceparent'];
    if (typeof traceparent === 'string') headers['traceparent'] = traceparent;
  },
});

async function pageAt(target: string): Promise<Page> {
  const { pathname = '', searchParams } = URL.parse(`http://shop${target}`) ?? {};
  const [, kind, id = ''] = /^\/(categories|products)\/(\d{1,9})$/.exec(pathname) ?? [];
  if (kind === 'products') return productPage(Number(id));
  if (kind === 'categories')
    return categoryPage(Number(id), searchParams?.get('after') ?? undefined);
  return pathname === '/' ? startPage() : notFound;
}

async function startPage(): Promise<Page> {
  const categories = await client.category.list.query();
  const items = categories.map(({ id, name }) => {
    return html`<li><a href="/categories/${id}">${name}</a></li>`;
  });
  return {
    title: 'Shop',
    body: html`<ul>
      ${items}
    </ul>`,
  };
}

async function categoryPage(categoryId: number, cursor?: string): Promise<Page> {
  // Both travel in one request.
  const [categories, { items, nextCursor }] = await Promise.all([
    client.category.list.query(),
    client.product.byCategory.query({ categoryId, limit: 20, cursor }),
  ]);
  const title = categories.find(({ id }) => id === categoryId)?.name ?? 'Category';
  const products = items.map(({ id, name, price }) => {
    return html`<li><a href="/products/${id}">${name}</a> ${price}</li>`;
  });
  const next =
    nextCursor === null ? '' : html`<a href="?after=${encodeURIComponent(nextCursor)}">More</a>`;
  return {
    title,
    body: html`<ul>
        ${products}
      </ul>
      ${next}`,
  };
}

async function productPage(id: number): Promise<Page> {
  const { name, description, price, stock, category } = await client.product.byId.query({ id });
  const body = html` <p><a href="/categories/${category.id}">${category.name}</a></p>
    <p>${description}</p>
    <p>${price}, ${stock > 0 ? `${stock} in stock` : 'sold out'}</p>`;
  return { title: name, body };
}

const notFound: Page = {
  title: 'Not found',
  body: html`<p>There is no such page.</p>`,
  status: 404,
};

const outOfOrder = {
  title: 'Out of order',
  body: html`<p>Please try again in a moment.</p>`,
};

/** What a visitor is shown in place of a page; one that is itself at fault ends no other. */
function pageOfFailure(err: unknown): Page {
  if (!isThroughlineError(err)) {
    console.error(err);
    return { ...outOfOrder, status: 500 };
  }
  const failure = failureOf(err);
  switch (failure.code) {
    case 'PRODUCT_NOT_FOUND':
    case 'CATEGORY_NOT_FOUND':
    case 'CURSOR_INVALID':
    case 'INPUT_INVALID':
      return notFound;
    default:
      console.error(failure.code, '-', failure.message);
  }
  return { ...outOfOrder, status: 503, headers: { 'retry-after': '5' } };
}

function documentOf({ title, body }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`.text;
}

const server = createServer((req, res) => {
  void visit.run(req, async () => {
    const page = await pageAt(req.url ?? '/').catch(pageOfFailure);
    res.writeHead(page.status ?? 200, { 'content-type': 'text/html', ...page.headers });
    res.end(documentOf(page));
  });
});

server.listen(Number(env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`The shop is at http://127.0.0.1:${address?.port}/`);
});
