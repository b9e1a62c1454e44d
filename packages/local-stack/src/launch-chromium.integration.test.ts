import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { beforeAll, expect, test } from 'vitest';
import { findChromium } from './chromium-program.ts';
import { launchChromium } from './launch-chromium.ts';
import { isRunning } from './process-table.ts';
import { browserProcess } from './testing/browser-process.ts';
import { spawnNode } from './testing/index.ts';

const require = createRequire(import.meta.url);
const waiting = { timeout: 15_000 };

/** The first run on a machine fetches it. */
beforeAll(async () => {
  await findChromium();
}, 180_000);

test('a Chromium opens a page of this machine, and draws its text', async () => {
  await using server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<title>A page</title><span>Wiiiide</span><br><span>WWWWWWW</span>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  await using browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${String(port)}/`);

  expect(await page.title()).toBe('A page');
  const [narrow, wide] = await page.locator('span').all();
  const widths = [await narrow?.boundingBox(), await wide?.boundingBox()].map((box) => box?.width);
  // Without a font, every letter would be an empty box of one width.
  expect(widths[0]).toBeGreaterThan(0);
  expect(widths[1]).toBeGreaterThan((widths[0] ?? 0) * 1.3);
});

test('a Chromium that is closed leaves neither process nor profile', async () => {
  const browser = await launchChromium();
  const { pid, profile } = await browserProcess(browser);
  expect(isRunning(pid)).toBe(true);
  expect(existsSync(profile)).toBe(true);

  await browser.close();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(profile)).toBe(false);
});

test('a run killed by SIGKILL leaves no Chromium behind', async () => {
  await using program = spawnNode(require.resolve('./testing/fixtures/hold-chromium.ts'));
  const [, pid = ''] = await program.waitForLine(/^ready (\d+)$/);
  expect(isRunning(Number(pid))).toBe(true);
  program.kill('SIGKILL');
  await expect.poll(() => isRunning(Number(pid)), waiting).toBe(false);
});
