import { setTimeout as delay } from 'node:timers/promises';
import { answerMsMax } from './exchange.ts';
import { toldMetrics } from './told-metrics.ts';

/** What a process does for clients that are there. */
const gauges = ['trpc_requests_in_flight', 'change_followers', 'db_pool_waiting'];

const lookEveryMs = 100;

/** In words, what still goes on though nobody is there any more, after as long as an answer may take. */
export async function goingOn(
  operationsPort: number,
  patienceMs = answerMsMax,
): Promise<string | undefined> {
  for (const endMs = performance.now() + patienceMs; ; await delay(lookEveryMs)) {
    const valueOf = await toldMetrics(operationsPort);
    const busy = gauges.find((name) => valueOf(name) !== 0);
    if (busy === undefined) return undefined;
    if (performance.now() >= endMs) return `${busy} is ${valueOf(busy)}, and nobody is there`;
  }
}
