import { metricSum } from '../metrics-page.ts';

/** What the service said of itself, and to those who watch it, while it was under load. */
export interface Watched {
  /** The worst p99 between two looks. */
  readonly loopDelayP99Ms: number;
  readonly residentBytes: number;
  /** User and system time, of so many seconds. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Looks at readiness and at metrics, those that were not answered with 200, and the slowest of them. */
  readonly looks: number;
  readonly looksFailed: number;
  readonly slowestLookMs: number;
}

const everyMs = 1000;

/** Looks at readiness and metrics each second, as those who run a service do, until disposed of. */
export class Watch implements AsyncDisposable {
  readonly #origin: string;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  readonly #pages: string[] = [];
  #looks = 0;
  #looksFailed = 0;
  #slowestLookMs = 0;
  readonly #startMs = performance.now();

  constructor(metricsUrl: string) {
    this.#origin = new URL(metricsUrl).origin;
    this.#watching = this.#watch();
  }

  /** Looks a last time. */
  async end(): Promise<Watched> {
    await this[Symbol.asyncDispose]();
    await this.#look();
    const all = (name: string) => this.#pages.map((page) => metricSum(page, name));
    const cpu = all('process_cpu_seconds_total');
    return {
      // The first speaks of the time before.
      loopDelayP99Ms: Math.max(0, ...all('nodejs_eventloop_lag_p99_seconds').slice(1)) * 1000,
      residentBytes: Math.max(0, ...all('process_resident_memory_bytes')),
      cpuSeconds: (cpu.at(-1) ?? 0) - (cpu[0] ?? 0),
      seconds: (performance.now() - this.#startMs) / 1000,
      looks: this.#looks,
      looksFailed: this.#looksFailed,
      slowestLookMs: this.#slowestLookMs,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look();
      await pause(everyMs, this.#stop.signal);
    }
  }

  async #look(): Promise<void> {
    await this.#get('/health/ready');
    const page = await this.#get('/metrics');
    if (page !== undefined) this.#pages.push(page);
  }

  async #get(path: string): Promise<string | undefined> {
    const sentMs = performance.now();
    this.#looks += 1;
    const answer = await fetch(`${this.#origin}${path}`).catch(() => undefined);
    const text = await answer?.text();
    this.#slowestLookMs = Math.max(this.#slowestLookMs, performance.now() - sentMs);
    if (answer?.status === 200) return text;
    this.#looksFailed += 1;
    return undefined;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
