import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  readonly forMs: number;
  readonly everyMs: number;
}

/** Whether it becomes so while one waits. */
export async function becomes(
  isSo: () => Promise<boolean>,
  { forMs, everyMs }: Patience,
): Promise<boolean> {
  const endMs = performance.now() + forMs;
  for (;;) {
    if (await isSo()) return true;
    if (performance.now() >= endMs) return false;
    await delay(everyMs);
  }
}
