import type { Page } from 'playwright-core';
import type { OpenOptions } from './console-browser.ts';
import type { ConsoleService } from './console-service.ts';

/** Something that the console shows: a page, or a state of one. */
export interface ConsoleView {
  readonly name: string;
  readonly at?: string;
  readonly token?: OpenOptions['token'];
  /** From the page that was opened to the state; resolves when all of it is there. */
  readonly reach: (page: Page, service: ConsoleService) => Promise<void>;
}

export const consoleViews: readonly ConsoleView[] = [
  {
    name: 'catalogue',
    reach: async (page) => page.getByRole('rowheader').nth(19).waitFor(),
  },
  {
    name: 'search without a result',
    at: '/?q=nothing+is+named+so',
    reach: async (page) => page.getByText('Nothing is found.').waitFor(),
  },
  {
    name: 'category',
    at: '/?category=1',
    reach: async (page) => page.getByRole('button', { name: 'Next' }).waitFor(),
  },
  {
    name: 'catalogue while it loads',
    reach: async (page) => {
      await page.route('**/trpc/product.popular**', () => {});
      await page.reload();
      await page.locator('table[aria-busy=true]').waitFor();
    },
  },
  {
    name: 'product',
    at: '/products/1',
    reach: async (page) => page.getByRole('form', { name: 'Price' }).waitFor(),
  },
  {
    name: 'conflict',
    at: '/products/2',
    reach: async (page, { client }) => {
      const { price } = await client.product.byId.query({ id: 2 });
      const form = page.getByRole('form', { name: 'Price' });
      await form.getByLabel('New price').fill('49.90');
      // Each time another one.
      const theirs = (Number(price) + 1.5).toFixed(2);
      await client.product.updatePrice.mutate({ id: 2, price: theirs });
      await form.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Keep mine' }).waitFor();
    },
  },
  {
    name: 'refused change',
    at: '/products/3',
    reach: async (page) => {
      const form = page.getByRole('form', { name: 'Stock' });
      await form.getByLabel('Change by').fill('-1000000');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByText('STOCK_INSUFFICIENT').waitFor();
    },
  },
  {
    name: 'deletion',
    at: '/products/4',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).waitFor();
    },
  },
  {
    name: 'new product',
    at: '/products/new',
    reach: async (page) => {
      await page.getByLabel('Price').fill('free');
      await page.getByText('As 24.90.').waitFor();
    },
  },
  {
    name: 'no such product',
    at: '/products/2147483647',
    reach: async (page) => page.getByRole('heading', { name: 'There is no product' }).waitFor(),
  },
  {
    name: 'no such page',
    at: '/none',
    reach: async (page) => page.getByRole('heading', { name: 'There is no such page' }).waitFor(),
  },
  {
    name: 'token',
    reach: async (page) => {
      await page.getByRole('button', { name: 'demo' }).click();
      await page.getByRole('button', { name: 'Use it' }).waitFor();
    },
  },
  {
    name: 'without a token',
    at: '/products/1',
    token: null,
    reach: async (page) => page.getByText('Needs a token').first().waitFor(),
  },
  {
    name: 'refused token',
    token: 'e30.e30.e30',
    reach: async (page) => page.getByText('TOKEN_REJECTED').waitFor(),
  },
  {
    name: 'service away',
    at: '/products/1',
    reach: async (page) => {
      await page.getByRole('form', { name: 'Price' }).waitFor();
      await page.route('**/trpc/**', async (route) => route.abort());
      await page.getByRole('link', { name: 'Catalogue', exact: true }).click();
      await page.getByRole('alert').getByText('The service does not answer.').waitFor();
    },
  },
];
