import { createHistogram } from 'node:perf_hooks';

export interface OfferOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly ask: () => Promise<void>;
}

export interface OfferResult {
  readonly answered: number;
  readonly tookSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Asks as often as is offered, whether or not answers come, and counts the time from the moment at which a question was
 * due: a server that falls behind makes its callers wait. Rejects if one of them was refused.
 */
export async function offer({ perSecond, seconds, ask }: OfferOptions): Promise<OfferResult> {
  const histogram = createHistogram();
  const due = Math.round(perSecond * seconds);
  const asked: Promise<void>[] = [];
  const startMs = performance.now();
  const { promise: offered, resolve, reject } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    const dueNow = Math.min(due, Math.floor(((performance.now() - startMs) / 1000) * perSecond));
    while (asked.length < dueNow) {
      const dueMs = startMs + (asked.length / perSecond) * 1000;
      const answered = ask().then(() =>
        histogram.record(micros(Math.max(0, performance.now() - dueMs))),
      );
      answered.catch(reject);
      asked.push(answered);
    }
    if (asked.length === due) resolve();
  }, 2);
  try {
    await offered;
  } finally {
    clearInterval(timer);
  }
  await Promise.all(asked);
  return {
    answered: histogram.count,
    tookSeconds: (performance.now() - startMs) / 1000,
    p50Ms: histogram.percentile(50) / 1000,
    p99Ms: histogram.percentile(99) / 1000,
  };
}

function micros(ms: number): number {
  return Math.max(1, Math.round(ms * 1000));
}
