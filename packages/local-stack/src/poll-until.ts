import { setTimeout as delay } from 'node:timers/promises';

/** Servers on a busy machine need a while to find each other. */
const waitMs = 60_000;
const betweenMs = 50;

/** Asks again until it is so; what fails meanwhile is asked again too. Throws, naming what never came. */
export async function pollUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + waitMs;
  let last: unknown;
  while (performance.now() < endMs) {
    try {
      if (await isSo()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(betweenMs);
  }
  throw new Error(`Waited in vain: ${what}.`, { cause: last });
}
