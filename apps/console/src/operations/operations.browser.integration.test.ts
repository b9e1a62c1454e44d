import { findChromium } from '@throughline/local-stack/chromium';
import { SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAxe, seriousFindings } from '../testing/accessibility.ts';
import { startTraffic } from '../testing/background-traffic.ts';
import { ConsoleBrowser, type OpenOptions } from '../testing/console-browser.ts';
import { type ConsoleService, startConsoleService } from '../testing/console-service.ts';
import { keepScreenshot } from '../testing/keep-screenshot.ts';

let browser: ConsoleBrowser;
let service: ConsoleService;
const opened = new AsyncDisposableStack();
const patience = { timeout: 30_000 };
/** How the page is looked at. */
const looks = [
  { look: 'light', colorScheme: 'light', width: 1120, height: 1400 },
  { look: 'dark', colorScheme: 'dark', width: 1120, height: 1400 },
  { look: 'dark-phone', colorScheme: 'dark', width: 360, height: 1400 },
  { look: 'phone', colorScheme: 'light', width: 360, height: 1400 },
] as const;
/** Read more than the others, which are those that follow. */
const ids = Array.from({ length: 40 }, (_, at) => at + 1);

beforeAll(async () => {
  await findChromium();
}, 180_000);

beforeAll(async () => {
  service = opened.use(await startConsoleService());
  browser = opened.use(await ConsoleBrowser.launch(service));
  opened.use(startTraffic(service.client, ids));
});

afterAll(async () => opened.disposeAsync());

async function openOperations(options: OpenOptions & { readonly search?: string } = {}) {
  const { search = '', ...others } = options;
  return browser.open({ ...others, at: `/operations${search}` });
}

/** What stands under a name of the state, its notes too. */
async function told(page: Page, name: string): Promise<string> {
  const tile = page.locator('dl > div', { has: page.getByRole('term').getByText(name) });
  return (await tile.getByRole('definition').allTextContents()).join(' ');
}

async function skuOf(id: number): Promise<string> {
  return (await service.client.product.byId.query({ id })).sku;
}

/** Keeps every text that a warm-up tells of itself, however short it stands there, after whether it is read out. */
async function watchSteps(page: Page): Promise<() => Promise<string[]>> {
  const steps = await page.evaluateHandle(() => {
    const seen: string[] = [];
    new MutationObserver(() => {
      for (const element of document.querySelectorAll('[role=status]')) {
        const { textContent, ariaLive } = element;
        if (textContent?.includes('are in the cache')) seen.push(`${ariaLive}: ${textContent}`);
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    return seen;
  });
  return async () => steps.jsonValue();
}

/** It is signed by somebody else, which the page cannot know. */
async function tokenWithout(): Promise<string> {
  return new SignJWT({ scope: 'catalog:read' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('whatever'));
}

/** The hit ratio of the last seconds, 0 to 100. */
async function hitRatioNow(page: Page): Promise<number> {
  const text = await page.getByTestId('hit-ratio-now').textContent();
  return Number.parseFloat(text?.replace(/[<>]/, '') ?? '');
}

describe('somebody with the scope cache:admin', () => {
  test('sees the state of the cache, and what it does at the moment', async () => {
    await using operations = await openOperations();
    const { page } = operations;
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await told(page, 'Mode of the cache')).toContain('active Reads come from Redis');
    expect(await told(page, 'Trust lease left')).toContain('Entries are trusted.');
    expect(await told(page, 'Wrong entries found')).toMatch(/^0 The auditor judged \d+/);
    await page.getByText('Nothing needs attention.').waitFor();

    await expect.poll(async () => hitRatioNow(page), patience).toBeGreaterThan(50);
    await page.getByRole('img', { name: /^Hit ratio\. Hit ratio: now [\d>]/ }).waitFor();
    await page.getByRole('img', { name: /^Reads p99\. cache_success true: now \d/ }).waitFor();
    await page.getByRole('img', { name: /^Writes p99\. cache_success true: now \d/ }).waitFor();
    await page.getByRole('radiogroup', { name: 'Writes: which quantile' }).getByText('p50').click();
    await page.getByRole('img', { name: /^Writes p50\./ }).waitFor();

    await page.getByText('Hit ratio as a table').click();
    const table = page.getByRole('region', { name: 'Hit ratio, table' });
    expect(await table.getByRole('row').count()).toBeGreaterThan(1);
    await page.getByRole('link', { name: `Open product ${ids[0]}`, exact: true }).waitFor();
  });

  test('inspects an entry beside its row, from the address, by keyboard and from the most read keys', async () => {
    const [first = 0, second = 0] = ids;
    await using operations = await openOperations({ search: `?key=product:${first}` });
    const { page } = operations;
    const comparison = (key: string) => page.getByRole('region', { name: `${key}, compared` });
    await comparison(`product:${first}`)
      .getByText(await skuOf(first))
      .nth(1)
      .waitFor();

    await page.getByRole('textbox', { name: 'Key' }).fill('product:0');
    await page.getByText('Must be product:<id>, category:<id> or categories:all.').waitFor();
    expect(await page.getByRole('button', { name: 'Inspect', exact: true }).isDisabled()).toBe(
      true,
    );
    await page.getByRole('textbox', { name: 'Key' }).fill(`category:1`);
    await page.getByRole('textbox', { name: 'Key' }).press('Enter');
    await comparison('category:1').getByText('name', { exact: false }).first().waitFor();

    await page.getByRole('link', { name: `Inspect product:${second}`, exact: true }).click();
    await comparison(`product:${second}`)
      .getByText(await skuOf(second))
      .first()
      .waitFor();
    expect(page.url()).toContain(`key=${encodeURIComponent(`product:${second}`)}`);

    await page.getByRole('button', { name: 'Invalidate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Invalidate' }).click();
    const outcome = page.getByText(/^(published: the entry is gone|deferred: nobody)/);
    await outcome.waitFor();
    await page.getByRole('link', { name: `Inspect product:${first}`, exact: true }).click();
    await comparison(`product:${first}`).waitFor();
    expect(await outcome.count()).toBe(0);
  });

  test('verifies entries, and warms the cache until all are in it', async () => {
    await using operations = await openOperations();
    const { page } = operations;
    await page.getByLabel('Sample').fill('1001');
    await page.getByLabel('Sample').press('Enter');
    await page.getByText('From 1 to 1,000.').waitFor();
    await page.getByLabel('Sample').fill('100');
    await page.getByLabel('Sample').press('Enter');
    await page.getByText(/^No entry among \d+ contradicts the database\.$/).waitFor();

    await page.getByLabel('Products').fill('100001');
    await page.getByLabel('Products').blur();
    expect(await page.getByLabel('Products').inputValue()).toBe('100,000');
    await page.getByLabel('Products').fill('5000');
    const steps = await watchSteps(page);
    await page.getByRole('button', { name: 'Warm' }).click();
    await page.getByText(/^5,000 of 5,000 are in the cache, after /).waitFor();
    expect(await steps()).toContainEqual(expect.stringMatching(/^off: .* a second; .* left\.$/));
    expect(await steps()).toContainEqual(expect.stringMatching(/^polite: 5,000 of 5,000/));
    const bar = page.getByRole('progressbar', { name: 'Products in the cache' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('100');
  });

  test('is told what a reset costs, may leave it, and is told the epoch that begins', async () => {
    await using operations = await openOperations();
    const { page } = operations;
    const { epoch } = await service.client.cache.status.query();
    await page.getByRole('button', { name: 'Reset' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reset the cache?' });
    await dialog.getByText('The epoch ends for all processes.').waitFor();
    expect(seriousFindings(await runAxe(page))).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await service.client.cache.status.query()).toMatchObject({ epoch });

    await page.getByRole('button', { name: 'Reset' }).click();
    await dialog.getByRole('button', { name: 'Reset' }).click();
    await page.getByText(`Epoch ${epoch + 1} has begun, and it is empty.`).waitFor();
    await expect
      .poll(async () => told(page, 'Mode of the cache'), patience)
      .toContain(`Epoch ${epoch + 1}.`);
  });
});

describe('somebody without it', () => {
  test.each([
    ['no token', async () => null, 'Needs a token with the scope cache:admin.'],
    ['a token that lacks it', tokenWithout, 'The token lacks cache:admin.'],
  ])('who has %s is told which scope it takes, and for what', async (_, tokenOf, reason) => {
    await using operations = await openOperations({ token: await tokenOf() });
    const { page } = operations;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByText('You may not see the state of the cache').waitFor();
    expect(await page.getByText(reason).count()).toBeGreaterThan(0);
    for (const name of ['Inspect', 'Verify', 'Warm', 'Reset']) {
      expect(await page.getByRole('button', { name, exact: true }).isDisabled()).toBe(true);
    }
    expect((await runAxe(page)).findings).toEqual([]);
    await page.getByRole('button', { name: 'Give a token' }).click();
    await page.getByRole('dialog', { name: 'Token' }).waitFor();
    expect(asked.filter((url) => url.includes('cache.'))).toEqual([]);
    expect(seriousFindings(await runAxe(page))).toEqual([]);
  });
});

test('nothing is asked while nobody sees the page', async () => {
  await using operations = await openOperations();
  const { page } = operations;
  await page.clock.install();
  await page.reload();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('cache.status')) asked += 1;
  });
  await page.getByText('Live', { exact: true }).waitFor();
  const show = async (state: 'hidden' | 'visible') =>
    page.evaluate((visibilityState) => {
      Object.defineProperty(document, 'visibilityState', {
        value: visibilityState,
        configurable: true,
      });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, state);
  await show('hidden');
  asked = 0;
  await page.clock.runFor(60_000);
  expect(asked).toBe(0);

  await show('visible');
  await page.clock.runFor(5_000);
  await expect.poll(() => asked, patience).toBeGreaterThan(0);
});

test('a Redis that is killed is seen, and its return; light, dark and on a phone', async () => {
  await using operations = await openOperations({ search: `?key=product:${ids[3]}` });
  const { page } = operations;
  const mode = async () => told(page, 'Mode of the cache');
  await expect.poll(async () => hitRatioNow(page), patience).toBeGreaterThan(90);

  await service.redis.kill();
  await expect.poll(mode, patience).toContain('bypass PostgreSQL alone answers');
  const attention = page.getByRole('region', { name: 'What needs attention' });
  await attention.getByRole('link', { name: 'Runbook RedisDown' }).waitFor();
  await attention.getByRole('link', { name: 'Runbook CacheBypassed' }).waitFor();
  await attention
    .getByRole('status')
    .getByText(/^(Critical|Warning): /)
    .waitFor({ state: 'attached' });
  await expect.poll(async () => hitRatioNow(page), patience).toBeLessThan(50);
  expect((await runAxe(page)).findings).toEqual([]);
  await page.setViewportSize({ width: 1120, height: 900 });
  await keepScreenshot(page, 'operations-redis-away');

  await service.redis.restart();
  await expect.poll(mode, patience).toContain('active Reads come from Redis');
  await expect.poll(async () => hitRatioNow(page), patience).toBeGreaterThan(90);
  await page.getByText('Nothing needs attention.').waitFor();
  await attention
    .getByRole('status')
    .getByText(/^Over: /)
    .waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(/^No entry among/).waitFor();

  for (const { look, colorScheme, width, height } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    // Charts take their width a moment later.
    const neededWidth = async () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(neededWidth, patience).toBeLessThanOrEqual(width);
    expect.soft((await runAxe(page)).findings, look).toEqual([]);
    await keepScreenshot(page, `operations-${look}`);
  }
}, 150_000);

test('a service that is away leaves what it told last, with its age, and is seen when it is back', async () => {
  await using operations = await openOperations();
  const { page } = operations;
  await expect.poll(async () => hitRatioNow(page), patience).toBeGreaterThan(50);
  const before = (await page.getByText(/^Told by process/).textContent()) ?? '';

  await service.kill();
  await page.getByText(/^As of \d\d:\d\d:\d\d, \d+(\.\d)? s ago$/).waitFor();
  expect(await told(page, 'Mode of the cache')).toContain('active');

  await service.restart();
  await page.getByText('Live', { exact: true }).waitFor();
  await expect
    .poll(async () => page.getByText(/^Told by process/).textContent(), patience)
    .not.toBe(before);
  await expect.poll(async () => hitRatioNow(page), patience).toBeGreaterThan(50);
}, 90_000);
