import type { Page } from 'playwright-core';
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

test('what is changed in one window is shown, marked and announced in another, on the page and in a list', async () => {
  await using editing = await browser.open({ at: '/products/1' });
  await using watching = await browser.open({ at: '/products/1' });
  await using listing = await browser.open();
  await Promise.all([editing, watching, listing].map(async ({ page }) => live(page)));
  const row = listing.page.getByRole('row', { name: 'Nordvik Brass Desk Lamp' });
  await row.waitFor();

  const form = editing.page.getByRole('form', { name: 'Price' });
  await form.getByLabel('New price').fill('77.70');
  await form.getByRole('button', { name: 'Save' }).click();

  const facts = watching.page.getByRole('region', { name: 'Product' });
  await facts.getByText('77.70').waitFor();
  await watching.page.getByText('version 2', { exact: true }).waitFor();
  await row.getByText('77.70').waitFor();
  const told = watching.page.getByTestId('announcer');
  await expect
    .poll(async () => told.innerText(), waiting)
    .toContain('Nordvik Brass Desk Lamp changed: price 77.70');
  const animation = await facts
    .getByText('77.70')
    .evaluate((element) => getComputedStyle(element).animationName);
  expect(animation).not.toBe('none');
});

test('what somebody is typing stays while others change the product', async () => {
  await using window = await browser.open({ at: '/products/2' });
  const { page } = window;
  await live(page);
  const price = page.getByLabel('New price');
  await price.fill('1.23');
  const { version } = await service.client.product.updatePrice.mutate({ id: 2, price: '9.87' });
  await page.getByText(`version ${version}`, { exact: true }).waitFor();
  expect(await price.inputValue()).toBe('1.23');
});

test('while Redis is away answers are bypasses and the page can be used, and then they hit again', async () => {
  await using window = await browser.open({ at: '/products/4' });
  const { page } = window;
  await live(page);
  await answerOf(page, 'product.byId')
    .getByText(/hit|miss/)
    .waitFor();
  await service.redis.kill();
  await editStock(page);
  await answerOf(page, 'product.byId').getByText('bypass', { exact: true }).waitFor();
  await service.redis.restart({ data: 'empty' });
  const client = service.client;
  await expect
    .poll(async () => (await client.cache.status.query()).mode, { timeout: 30_000 })
    .toBe('active');
  await editStock(page);
  await answerOf(page, 'product.byId').getByText('hit', { exact: true }).waitFor();
}, 90_000);

test('while the service is away the page keeps what it shows and says as of when, and goes on by itself', async () => {
  await using window = await browser.open({ at: '/products/5' });
  const { page } = window;
  await live(page);
  await page.getByRole('form', { name: 'Price' }).waitFor();
  const name = await page.getByRole('heading', { level: 1 }).innerText();
  await service.kill();
  await page.getByText('reconnecting', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Catalogue', exact: true }).click();
  await page.goBack();
  await page
    .getByRole('alert')
    .getByText(/^The service does not answer\. What you see is as of/)
    .waitFor();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await service.restart();
  await live(page);
  await page.getByRole('alert').waitFor({ state: 'detached' });
  const { version } = await service.client.product.updatePrice.mutate({ id: 5, price: '5.55' });
  await page.getByRole('region', { name: 'Product' }).getByText('5.55').waitFor();
  expect(await page.getByText(/^version \d+$/).innerText()).toBe(`version ${version}`);
}, 120_000);

test('live changes that were refused are followed anew, after the reason was shown', async () => {
  await using window = await browser.open({ at: '/products/6' });
  const { page } = window;
  await live(page);
  const data = { code: 'PRECONDITION_FAILED', httpStatus: 412, serviceCode: 'CHANGES_NOT_KEPT' };
  const error = { message: 'Changes were missed.', code: -32012, data };
  await page.route(
    '**/product.changes**',
    async (route) => route.fulfill({ status: 412, json: { error } }),
    { times: 1 },
  );
  await page.reload();
  await page.getByText('not live: Changes were missed.').waitFor();
  await live(page);
  const { version } = await service.client.product.updatePrice.mutate({ id: 6, price: '6.66' });
  await page.getByRole('region', { name: 'Product' }).getByText('6.66').waitFor();
  expect(await page.getByText(/^version \d+$/).innerText()).toBe(`version ${version}`);
});

async function live(page: Page): Promise<void> {
  await page.getByText('live', { exact: true }).waitFor({ timeout: 30_000 });
}

async function editStock(page: Page): Promise<void> {
  const form = page.getByRole('form', { name: 'Stock' });
  await form.getByLabel('Change by').fill('1');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved').waitFor();
}
