import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { readCommandLine } from '../process-table.ts';

interface BrowserProcess {
  readonly pid: number;
  /** its temporary directory */
  readonly profile: string;
}

/** What Playwright keeps to itself: the browser is asked, and the process table. */
export async function browserProcess(browser: Browser): Promise<BrowserProcess> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = processes.parse(await session.send('SystemInfo.getProcessInfo'));
  await session.detach();
  const pid = processInfo.find(({ type }) => type === 'browser')?.id ?? 0;
  const command = await readCommandLine(pid);
  const profile = /--user-data-dir=([^\0 ]+)/.exec(command)?.[1];
  if (profile === undefined) throw new Error(`The browser was started by: ${command}`);
  return { pid, profile };
}

const processes = z.object({
  processInfo: z.array(z.object({ type: z.string(), id: z.number() })),
});
