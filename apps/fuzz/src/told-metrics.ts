import { z } from 'zod';
import { answerMsMax } from './exchange.ts';

/** What a process says of itself now: of a metric, the sum over its labels. */
export async function toldMetrics(operationsPort: number): Promise<(name: string) => number> {
  const answer = await fetch(`http://127.0.0.1:${operationsPort}/metrics`, {
    signal: AbortSignal.timeout(answerMsMax),
  });
  const text = await answer.text();
  return (name) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))]
      .map(([, value]) => z.coerce.number().parse(value))
      .reduce((sum, value) => sum + value, 0);
}
