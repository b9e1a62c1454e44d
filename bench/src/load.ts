import { createHistogram } from 'node:perf_hooks';
import { Pool } from 'undici';

/** One call of the service: a path with its query, and a body where it changes something. */
export interface Call {
  readonly path: string;
  readonly body?: string;
}

export interface LoadOptions {
  readonly trpcUrl: string;
  readonly token: string;
  /** Calls at once, each on a connection of its own. */
  readonly connections: number;
  readonly seconds: number;
  readonly call: () => Call;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
}

/** Calls as fast as answers come, at least once on each connection. Throws at the first answer that is not 200, with its text. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { trpcUrl, token, connections, seconds, call } = options;
  const { origin, pathname } = new URL(trpcUrl);
  await using opened = new AsyncDisposableStack();
  const pool = opened.adopt(new Pool(origin, { connections }), async (open) => open.close());
  const histogram = createHistogram();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const callUntilEnd = async (): Promise<void> => {
    do {
      const sentMs = performance.now();
      const { path, body } = call();
      const { statusCode, body: answer } = await pool.request({
        path: `${pathname}/${path}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.text();
      if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}: ${text}`);
      histogram.record(Math.max(1, Math.round((performance.now() - sentMs) * 1000)));
    } while (performance.now() < endMs);
  };
  await Promise.all(Array.from({ length: connections }, callUntilEnd));
  return {
    perSecond: histogram.count / ((performance.now() - startMs) / 1000),
    p50Ms: histogram.percentile(50) / 1000,
    p99Ms: histogram.percentile(99) / 1000,
    calls: histogram.count,
  };
}
