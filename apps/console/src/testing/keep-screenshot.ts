import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';

const root = path.join(import.meta.dirname, '../../../..');
/** `npm run screenshots` writes what the docs show. */
const directory = path.join(
  root,
  import.meta.env.MODE === 'screenshots' ? 'docs/console' : '.local/console',
);

/** Keeps what the page looks like from its top on, as far as its window goes. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: path.join(directory, `${name}.png`), animations: 'disabled' });
}
