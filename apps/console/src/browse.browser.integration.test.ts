import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOf, ConsoleBrowser, waiting } from './testing/console-browser.ts';
import { type ConsoleService, startConsoleService } from './testing/console-service.ts';

let service: ConsoleService;
let browser: ConsoleBrowser;

beforeAll(async () => {
  service = await startConsoleService();
  browser = await ConsoleBrowser.launch(service);
}, 180_000);

afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

test('the token is taken out of the address at once and stays in its tab', async () => {
  await using window = await browser.open();
  const { page } = window;
  await page.getByRole('button', { name: 'demo' }).waitFor();
  expect(page.url()).toBe(`${service.url}/`);
  await page.reload();
  await page.getByRole('button', { name: 'demo' }).click();
  const scopes = page.getByRole('list', { name: 'Scopes' });
  await scopes.getByText('catalog:write: change products').waitFor();
  expect(await scopes.getByText('not allowed').count()).toBe(0);
  expect(await page.evaluate(() => Object.keys(localStorage))).not.toContain('throughline.token');
});

test('a token in an address that is opened in the tab of the page is taken out of it, too', async () => {
  await using window = await browser.open({ token: null });
  const { page } = window;
  await page.getByRole('button', { name: 'No token' }).waitFor();
  await page.goto(`/#token=${service.token}`);
  await page.getByRole('button', { name: 'demo' }).waitFor();
  expect(page.url()).toBe(`${service.url}/`);
  await page.getByRole('link', { name: 'Operations' }).click();
  await page.goBack();
  expect(page.url()).toBe(`${service.url}/`);
});

test('the start view shows the most viewed products, and where the answer came from', async () => {
  await using window = await browser.open();
  const { page } = window;
  const rows = page.getByRole('table', { name: 'Most viewed' }).getByRole('rowheader');
  await rows.nth(19).waitFor();
  expect(await rows.count()).toBe(20);
  const answer = answerOf(page, 'product.popular');
  expect(await answer.innerText()).toMatch(/(hit|miss)\s+[\d.]+ ms\s+trace [0-9a-f]{8}/);
});

test('a search waits for the end of a word, stands in the address, and comes back with it', async () => {
  await using window = await browser.open();
  const { page } = window;
  const searches: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('product.search')) searches.push(request.url());
  });
  await page.getByRole('rowheader').first().waitFor();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.getByRole('searchbox').pressSequentially('brass desk');
  await page.clock.runFor(200);
  expect(searches).toEqual([]);
  await page.clock.resume();
  await page.getByRole('heading', { name: 'Found for “brass desk”' }).waitFor();
  const names = page.getByRole('rowheader');
  await expect
    .poll(async () => (await names.first().innerText()).toLowerCase(), waiting)
    .toContain('brass');
  expect(searches).toHaveLength(1);
  expect(new URL(page.url()).searchParams.get('q')).toBe('brass desk');

  await page.reload();
  await page.getByRole('heading', { name: 'Found for “brass desk”' }).waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('brass desk');
  await page.getByRole('searchbox').fill('nothing is named so');
  await page.getByText('Nothing is found.').waitFor();
});

test('a letter that is typed before the address has followed stays', async () => {
  await using window = await browser.open();
  const { page } = window;
  await page.getByRole('rowheader').first().waitFor();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  const box = page.getByRole('searchbox');
  await box.evaluate((input: HTMLInputElement) => {
    const replaceState = history.replaceState.bind(history);
    history.replaceState = (...parameters) => {
      history.replaceState = replaceState;
      replaceState(...parameters);
      // The address has been written, and nothing drawn for it yet.
      input.select();
      document.execCommand('insertText', false, 'brass desk');
    };
  });
  await box.fill('brass');
  await page.clock.runFor(250);
  await page.getByRole('heading', { name: 'Found for “brass”' }).waitFor();
  expect(await box.inputValue()).toBe('brass desk');
  await page.clock.resume();
  await page.getByRole('heading', { name: 'Found for “brass desk”' }).waitFor();
});

test('a category that is chosen while a search waits is what is shown', async () => {
  await using window = await browser.open();
  const { page } = window;
  await page.getByRole('rowheader').first().waitFor();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.getByRole('searchbox').fill('brass');
  await page.getByLabel('Category').selectOption('Desk Lamps');
  await page.clock.runFor(1_000);
  await page.getByRole('heading', { name: 'Desk Lamps' }).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBeNull();
  expect(await page.getByRole('searchbox').inputValue()).toBe('');
});

test('the pages of a category are gone through and back, and each can be sent to somebody', async () => {
  await using window = await browser.open();
  const { page } = window;
  await page.getByLabel('Category').selectOption('Desk Lamps');
  await page.getByRole('heading', { name: 'Desk Lamps' }).waitFor();
  const first = page.getByRole('rowheader').first();
  const firstPage = await first.innerText();
  const previous = page.getByRole('button', { name: 'Previous' });
  expect(await previous.isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect.poll(async () => first.innerText(), waiting).not.toBe(firstPage);
  const secondPage = await first.innerText();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect.poll(async () => first.innerText(), waiting).not.toBe(secondPage);
  await previous.click();
  await expect.poll(async () => first.innerText(), waiting).toBe(secondPage);
  const sent = new URL(page.url());
  await previous.click();
  await expect.poll(async () => first.innerText(), waiting).toBe(firstPage);
  expect(new URL(page.url()).searchParams.has('cursor')).toBe(false);

  await using other = await browser.open({ at: sent.pathname + sent.search });
  await expect
    .poll(async () => other.page.getByRole('rowheader').first().innerText(), waiting)
    .toBe(secondPage);
  await page.goBack();
  await expect.poll(async () => first.innerText(), waiting).toBe(secondPage);
});

test('a product is opened by its address, shows all of it, and the heading has the focus', async () => {
  await using window = await browser.open();
  const { page } = window;
  const link = page.getByRole('rowheader').first().getByRole('link');
  const name = await link.innerText();
  await link.click();
  const heading = page.getByRole('heading', { level: 1, name });
  await heading.waitFor();
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await page.title()).toBe(`${name} · Throughline`);
  const product = await service.client.product.byId.query({
    id: Number(page.url().split('/').at(-1)),
  });
  const facts = page.getByRole('region', { name: 'Product' });
  for (const value of [product.sku, product.price, product.category.name, product.description]) {
    expect(await facts.innerText()).toContain(value);
  }
  await page.reload();
  await heading.waitFor();
});

test.each([
  ['/nothing/of/the/kind', 'There is no such page'],
  ['/products/abc', 'There is no such page'],
  ['/products/2147483647', 'There is no product 2147483647'],
])('%s says "%s"', async (at, title) => {
  await using window = await browser.open({ at });
  const heading = window.page.getByRole('heading', { level: 1 });
  await expect.poll(async () => heading.innerText(), waiting).toBe(title);
});

test('a token that is refused says so and what to do, and another one heals the page', async () => {
  await using window = await browser.open({ token: `${service.token.slice(0, -6)}abcdef` });
  const { page } = window;
  await page.getByRole('alert').getByText('TOKEN_REJECTED').waitFor();
  await page.getByRole('button', { name: 'demo' }).click();
  await page.getByLabel('Another token').fill('no token at all');
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByText('This is no token').waitFor();
  await page.getByLabel('Another token').fill(service.token);
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByRole('rowheader').nth(19).waitFor();
  await expect.poll(async () => page.getByRole('alert').count(), waiting).toBe(0);
});

test('without a token the catalogue can be looked at, and what cannot be done says why', async () => {
  await using window = await browser.open({ at: '/products/1', token: null });
  const { page } = window;
  const price = page.getByRole('form', { name: 'Price' });
  await price.getByText('Needs a token with the scope catalog:write.').waitFor();
  expect(await price.getByLabel('New price').isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
});
