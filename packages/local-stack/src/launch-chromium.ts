import { chromium, type Browser } from 'playwright-core';
import { findChromium } from './chromium-program.ts';

export { findChromium };

/** What Playwright does not switch off by itself, and pages of ours do not need. */
const switches = ['--disable-gpu', '--disable-quic', '--disable-sync'];

/**
 * Starts a Chromium without windows, with an empty profile that is deleted when it is closed. It ends
 * when this process does, however that ends: the pipe between them closes. It runs without Chromium's
 * sandbox, which root and containers cannot have, so it may open nothing but pages of ours.
 */
export async function launchChromium(): Promise<Browser> {
  const { file, environment } = await findChromium();
  return chromium.launch({
    executablePath: file,
    args: switches,
    // A browser of the machine gets our environment, as if started by hand; a fetched one only its own.
    ...(Object.keys(environment).length > 0 && { env: environment }),
    // Whoever started it says what happens at Ctrl-C; Playwright would end the process.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
