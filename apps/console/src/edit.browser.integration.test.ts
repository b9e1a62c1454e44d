import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOf, ConsoleBrowser } from './testing/console-browser.ts';
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

test('a price that was saved is shown with its version, and read from the cache after', async () => {
  await using window = await browser.open({ at: '/products/1' });
  const { page } = window;
  await savePrice(page, '24,9');
  await page.getByText('version 2', { exact: true }).waitFor();
  await factOf(page, '24.90').waitFor();
  expect(await answerOf(page, 'product.updatePrice').innerText()).toContain('none');
  await answerOf(page, 'product.byId').getByText('hit', { exact: true }).waitFor();
  expect(await page.getByRole('form', { name: 'Price' }).getByRole('status').innerText()).toBe(
    'Saved',
  );
  expect(await service.client.product.byId.query({ id: 1 })).toMatchObject({
    price: '24.90',
    version: 2,
  });
});

test('a conflict shows both prices: theirs can be taken', async () => {
  await using window = await browser.open({ at: '/products/2' });
  const { page } = window;
  const { price, version } = await service.client.product.byId.query({ id: 2 });
  await typePrice(page, '11.11');
  await service.client.product.updatePrice.mutate({
    id: 2,
    price: '22.22',
    expectedVersion: version,
  });
  await priceForm(page).getByRole('button', { name: 'Save' }).click();
  const conflict = page.getByRole('region', { name: `to version ${version + 1} meanwhile` });
  await conflict.getByRole('row', { name: 'Price 11.11 22.22' }).waitFor();
  const heading = conflict.getByRole('heading');
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
  await conflict.getByRole('button', { name: 'Take theirs' }).click();
  await conflict.waitFor({ state: 'detached' });
  expect(await priceForm(page).getByLabel('New price').inputValue()).toBe('22.22');
  expect(await focusedName(page)).toBe('New price');
  expect(price).not.toBe('22.22');
  const now = await service.client.product.byId.query({ id: 2 });
  expect(now).toMatchObject({ price: '22.22', version: version + 1 });
});

test('a conflict shows both prices: mine can be kept, also when somebody comes between again', async () => {
  await using window = await browser.open({ at: '/products/3' });
  const { page } = window;
  await typePrice(page, '11.11');
  const { version } = await service.client.product.adjustStock.mutate({ id: 3, delta: 5 });
  await priceForm(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('region', { name: `to version ${version} meanwhile` }).waitFor();

  // The answer to the next attempt is held back until another change has come before it.
  const between = async (route: Route) => {
    await service.client.product.updatePrice.mutate({ id: 3, price: '33.33' });
    await route.continue();
  };
  await page.route('**/product.updatePrice', between, { times: 1 });
  await page.getByRole('button', { name: 'Keep mine' }).click();
  const again = page.getByRole('region', { name: `to version ${version + 1} meanwhile` });
  await again.getByRole('row', { name: 'Price 11.11 33.33' }).waitFor();
  await again.getByRole('button', { name: 'Keep mine' }).click();
  await factOf(page, '11.11').waitFor();
  expect(await focusedName(page)).toBe('New price');
  const now = await service.client.product.byId.query({ id: 3 });
  expect(now).toMatchObject({ price: '11.11', version: version + 2 });
});

test('mine is kept without what others have changed beside it, also when that has to be sent again', async () => {
  await using window = await browser.open({ at: '/products/7' });
  const { page } = window;
  const form = page.getByRole('form', { name: 'Name, category and description' });
  await form.getByLabel('Name').fill('A name of mine');
  const description = 'A description of theirs';
  const { version } = await service.client.product.update.mutate({ id: 7, description });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByRole('region', { name: `to version ${version} meanwhile` }).waitFor();
  await page.route('**/product.update', refuse, { times: 1 });
  await form.getByRole('button', { name: 'Keep mine' }).click();
  await form.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'A name of mine' }).waitFor();
  const now = await service.client.product.byId.query({ id: 7 });
  expect(now).toMatchObject({ name: 'A name of mine', description, version: version + 1 });
});

test('what is typed while a change is being saved stays, and is meant for the product with that change', async () => {
  await using window = await browser.open({ at: '/products/8' });
  const { page } = window;
  const answer = Promise.withResolvers<void>();
  await page.route('**/product.updatePrice', async (route) => {
    await answer.promise;
    await route.continue();
  });
  await savePrice(page, '12.00');
  await typePrice(page, '12.50');
  answer.resolve();
  await factOf(page, '12.00').waitFor();
  expect(await priceForm(page).getByLabel('New price').inputValue()).toBe('12.50');
  await priceForm(page).getByRole('button', { name: 'Save' }).click();
  await factOf(page, '12.50').waitFor();
});

test('stock is changed by so many, and a refusal says what to do', async () => {
  await using window = await browser.open({ at: '/products/4' });
  const { page } = window;
  const { stock } = await service.client.product.byId.query({ id: 4 });
  const form = page.getByRole('form', { name: 'Stock' });
  await form.getByLabel('Change by').fill(String(-stock - 1));
  await form.getByText(`= -1`).waitFor();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByRole('alert').getByText('STOCK_INSUFFICIENT').waitFor();
  await form.getByText('Take away no more than is there.').waitFor();
  await form.getByLabel('Change by').fill('7');
  await form.getByRole('button', { name: 'Save' }).click();
  await factOf(page, String(stock + 7)).waitFor();
  expect((await service.client.product.byId.query({ id: 4 })).stock).toBe(stock + 7);
});

test('name, category and description are changed together, and only what was changed is sent', async () => {
  await using window = await browser.open({ at: '/products/5' });
  const { page } = window;
  const form = page.getByRole('form', { name: 'Name, category and description' });
  await form.getByLabel('Name').fill('A lamp of another name');
  await form.getByLabel('Category').selectOption('Mugs');
  const [request] = await Promise.all([
    page.waitForRequest('**/product.update'),
    form.getByRole('button', { name: 'Save' }).click(),
  ]);
  await page.getByRole('heading', { level: 1, name: 'A lamp of another name' }).waitFor();
  const sent: unknown = request.postDataJSON();
  expect(Object.keys(Object(sent)).sort()).toEqual(['categoryId', 'expectedVersion', 'id', 'name']);
  await factOf(page, 'Mugs').waitFor();
});

test('a write whose answer was lost is sent again with its key, and takes place once', async () => {
  await using window = await browser.open({ at: '/products/6' });
  const { page } = window;
  const { stock } = await service.client.product.byId.query({ id: 6 });
  const keys: (string | undefined)[] = [];
  await page.route('**/product.adjustStock', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    // The service has it, and its answer is lost, for as long as the client repeats by itself.
    if (keys.length === 1) await route.fetch();
    if (isLost) await route.abort();
    else await route.continue();
  });
  let isLost = true;
  const form = page.getByRole('form', { name: 'Stock' });
  await form.getByLabel('Change by').fill('5');
  await form.getByRole('button', { name: 'Save' }).click();
  const alert = form.getByRole('alert');
  await alert.getByText('it is not made twice').waitFor();
  isLost = false;
  const automatic = keys.length;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await form.getByText('Saved').waitFor();
  expect(automatic).toBeGreaterThan(1);
  expect(keys.length).toBe(automatic + 1);
  expect(new Set(keys).size).toBe(1);
  expect((await service.client.product.byId.query({ id: 6 })).stock).toBe(stock + 5);
});

test('a product is created, and deleted only as the version that was asked about', async () => {
  await using window = await browser.open({ at: '/products/new' });
  const { page } = window;
  await page.getByLabel('Name').fill('A new lamp');
  await page.getByRole('textbox', { name: 'SKU' }).fill('DES-00001');
  await page.getByLabel('Category').selectOption('Desk Lamps');
  await page.getByLabel('Price').fill('10');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('alert').getByText('SKU_TAKEN').waitFor();
  await page.getByRole('textbox', { name: 'SKU' }).fill('NEW-1');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'A new lamp' }).waitFor();
  const id = Number(page.url().split('/').at(-1));

  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('version 1').waitFor();
  await page.route('**/product.delete', refuse, { times: 1 });
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.getByRole('alert').getByText('SCOPE_MISSING').waitFor();
  await service.client.product.adjustStock.mutate({ id, delta: 3 });
  await dialog.getByText('to version 2 meanwhile').waitFor();
  await dialog.getByRole('button', { name: 'Look at version 2' }).click();
  await dialog.getByText('version 2. It cannot').waitFor();
  expect(await dialog.getByRole('alert').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Catalogue' }).waitFor();
  await page.getByText('A new lamp is deleted.').waitFor();
  expect(await service.client.product.byIds.query({ ids: [id] })).toEqual([null]);
});

test('a price is found and changed by keyboard alone', async () => {
  await using window = await browser.open();
  const { page } = window;
  await page.getByRole('rowheader').first().waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await focusedName(page)).toBe('main');
  await tabTo(page, 'Search');
  await page.keyboard.type('DES-00001');
  const link = page.getByRole('rowheader').getByRole('link', { name: 'Nordvik Brass Desk Lamp' });
  await link.waitFor();
  await tabTo(page, 'Nordvik Brass Desk Lamp');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Nordvik Brass Desk Lamp' }).waitFor();
  await tabTo(page, 'New price');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('55.55');
  await page.keyboard.press('Enter');
  await factOf(page, '55.55').waitFor();
});

/** As if the service refused a call, which it never sees. */
async function refuse(route: Route): Promise<void> {
  const data = {
    code: 'FORBIDDEN',
    httpStatus: 403,
    serviceCode: 'SCOPE_MISSING',
    requiredScope: 'catalog:write',
  };
  const error = { message: 'It needs another scope.', code: -32003, data };
  await route.fulfill({ status: 403, json: { error } });
}

function priceForm(page: Page) {
  return page.getByRole('form', { name: 'Price' });
}

async function typePrice(page: Page, price: string): Promise<void> {
  await priceForm(page).getByLabel('New price').fill(price);
}

async function savePrice(page: Page, price: string): Promise<void> {
  await typePrice(page, price);
  await priceForm(page).getByRole('button', { name: 'Save' }).click();
}

/** A value among those that the page shows of the product. */
function factOf(page: Page, text: string) {
  return page.getByRole('region', { name: 'Product' }).getByText(text, { exact: true });
}

/** Presses Tab until the control of this name has the focus; a keyboard that is caught somewhere never gets there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press('Tab');
    if ((await focusedName(page)) === name) return;
  }
  throw new Error(`The keyboard never gets to ${name}.`);
}

async function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element instanceof HTMLInputElement) return element.labels?.[0]?.innerText ?? '';
    return element instanceof HTMLElement ? element.id || element.innerText : '';
  });
}
