import { launchChromium } from '@throughline/local-stack/chromium';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { ConsoleService } from './console-service.ts';

export interface OpenOptions {
  /** Where to go; the catalogue if it is not said. */
  readonly at?: string;
  /** In place of the service's token; null sends none. */
  readonly token?: string | null;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

/** A Chromium for a file of tests. */
export class ConsoleBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #service: ConsoleService;

  private constructor(browser: Browser, service: ConsoleService) {
    this.#browser = browser;
    this.#service = service;
  }

  static async launch(service: ConsoleService): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await launchChromium(), service);
  }

  /** A window of somebody who has just come, with the token in the address as `npm start` prints it. */
  async open(options: OpenOptions = {}): Promise<ConsoleWindow> {
    const { at = '/', token = this.#service.token, width = 1200, height = 800 } = options;
    const settings: BrowserContextOptions = {
      baseURL: this.#service.url,
      viewport: { width, height },
      colorScheme: options.scheme ?? 'light',
      locale: 'en-GB',
      timezoneId: 'UTC',
    };
    const context = await this.#browser.newContext(settings);
    const page = await context.newPage();
    page.setDefaultTimeout(stepMs);
    const faults = watchFaults(page);
    await page.goto(token === null ? at : `${at}#token=${token}`);
    return {
      page,
      [Symbol.asyncDispose]: async () => {
        await context.close();
        if (faults.length > 0) throw new Error(`The page reported:\n${faults.join('\n')}`);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Disposing of it closes it, and fails where the page has reported a fault: an error of its own, or a broken policy. */
export interface ConsoleWindow extends AsyncDisposable {
  readonly page: Page;
}

/** What a busy machine takes for a step. */
const stepMs = 15_000;
/** For what is polled. */
export const waiting = { timeout: stepMs } as const;

function watchFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (err) => faults.push(String(err)));
  page.on('console', (message) => {
    const isFault = message.type() === 'error' || message.type() === 'warning';
    // The browser's own word for a refusal and for a service that is away, which tests bring about.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (isFault && !isAnswer) faults.push(message.text());
  });
  return faults;
}

/** The word beside the answer of a procedure. */
export function answerOf(page: Page, procedure: string) {
  return page.getByRole('group', { name: `Answer to ${procedure}`, exact: true });
}
