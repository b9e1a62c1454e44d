import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeReport, type AxeRow, runAxe, seriousFindings } from './testing/accessibility.ts';
import { ConsoleBrowser } from './testing/console-browser.ts';
import { type ConsoleService, startConsoleService } from './testing/console-service.ts';
import { consoleViews } from './testing/console-views.ts';

const root = path.join(import.meta.dirname, '../../..');
/** `npm run screenshots` writes what the docs show. */
const isForDocs = import.meta.env.MODE === 'screenshots';
const directory = path.join(root, isForDocs ? 'docs/console' : '.local/console');

/** How a view is looked at: the colours that the system asks for, and the window. */
const looks = [
  { look: 'light', colorScheme: 'light', width: 1120, height: 720 },
  { look: 'dark', colorScheme: 'dark', width: 1120, height: 720 },
  { look: 'phone', colorScheme: 'light', width: 360, height: 740 },
  { look: 'dark phone', colorScheme: 'dark', width: 360, height: 740 },
] as const;

/** Both colours and both widths; the report of the docs has all four pairs. */
const checkedLooks = isForDocs ? looks : [looks[0], looks[3]];

/** Those that the docs show. */
const shown = ['catalogue', 'product', 'conflict'];
const pictureBytesMax = 150_000;

let service: ConsoleService;
let browser: ConsoleBrowser;
const rows: AxeRow[] = [];

beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  service = await startConsoleService();
  browser = await ConsoleBrowser.launch(service);
}, 180_000);

afterAll(async () => {
  const report = await axeReport(rows);
  await writeFile(path.join(directory, 'axe.md'), report);
  console.log(report);
  await browser[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

test.each(consoleViews)(
  '$name: in light and dark, on a screen and a phone, axe finds nothing serious and it fits the width',
  async ({ name, at = '/', token = service.token, reach }) => {
    await using window = await browser.open({ at, token });
    const { page } = window;
    await reach(page, service);
    for (const { look, colorScheme, width, height } of checkedLooks) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const row = { view: name, look, ...(await runAxe(page)) };
      rows.push(row);
      expect.soft(seriousFindings(row), look).toEqual([]);
      const needed = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(needed, look).toBeLessThanOrEqual(width);
    }
  },
);

test.each(shown)('the %s is shown in the docs, light, dark and on a phone', async (name) => {
  const view = consoleViews.find((one) => one.name === name);
  for (const { look, colorScheme, width, height } of looks.slice(0, 3)) {
    await using window = await browser.open({
      at: view?.at ?? '/',
      scheme: colorScheme,
      width,
      height,
    });
    const { page } = window;
    await view?.reach(page, service);
    await page.getByText('live', { exact: true }).waitFor();
    const file = path.join(directory, `${name}-${look}.png`);
    await page.screenshot({ path: file, animations: 'disabled' });
    expect((await stat(file)).size).toBeLessThan(pictureBytesMax);
  }
});
