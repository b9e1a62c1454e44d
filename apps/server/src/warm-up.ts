import type { CacheStatus } from '@throughline/api';
import type { ProductRepository } from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import { elapsed } from './shutdown.ts';

/** Longest that the service waits for a warm-up before it reports ready: a cold cache beats no service. */
const readyAfterMs = 10_000;

export interface WarmUpOptions {
  readonly products: Pick<ProductRepository, 'warm'>;
  /** How many of the most viewed products to load. */
  readonly count: number;
  readonly logger: Logger;
  /** Monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

/**
 * Loads the most viewed products into the cache: before the service is ready, and after a new epoch began. While the store
 * cannot be trusted it pauses, and goes on afterwards.
 */
export class WarmUp {
  readonly #options: WarmUpOptions;
  readonly #nowMs: () => number;
  #progress: CacheStatus['warmUp'];
  #tookMs: number | undefined;
  #running: Promise<void> | undefined;
  /** Resolves when the one that is running pauses. */
  #paused = Promise.withResolvers<void>();

  constructor(options: WarmUpOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#progress = { state: 'idle', loaded: 0, total: options.count, perSecond: 0 };
  }

  get progress(): CacheStatus['warmUp'] {
    return this.#progress;
  }

  /** How long the last one took; undefined before that. */
  get tookMs(): number | undefined {
    return this.#tookMs;
  }

  /**
   * Begins one, or joins the one that is running. Resolves when it has ended, pauses, or takes too long to be waited for; it
   * goes on all the same. Never rejects: what was not loaded is loaded by its first reader.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run(signal).finally(() => {
      this.#running = undefined;
    });
    const late = elapsed(readyAfterMs, signal);
    await Promise.race([this.#running, this.#paused.promise, late]);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { count, logger } = this.#options;
    if (count === 0) return;
    this.#paused = Promise.withResolvers<void>();
    const beganMs = this.#nowMs();
    try {
      await this.#load(signal, beganMs);
    } catch (err) {
      logger.warn({ err }, 'the cache could not be warmed; readers will fill it');
    }
    this.#tookMs = this.#nowMs() - beganMs;
    const { loaded, total } = this.#progress;
    const isDone = this.#progress.state === 'running' && loaded === total;
    this.#progress = { ...this.#progress, state: isDone ? 'done' : 'incomplete' };
    logger.info(this.#progress, 'warm-up ended');
  }

  async #load(signal: AbortSignal, beganMs: number): Promise<void> {
    const { products, count, logger } = this.#options;
    for await (const step of products.warm(count, {
      signal,
      patienceMs: Number.POSITIVE_INFINITY,
    })) {
      const { loaded, total, isPaused } = step;
      const wasPaused = this.#progress.state === 'paused';
      const seconds = Math.max(0.001, (this.#nowMs() - beganMs) / 1000);
      const perSecond = Math.round(loaded / seconds);
      this.#progress = { state: isPaused ? 'paused' : 'running', loaded, total, perSecond };
      if (isPaused) this.#paused.resolve();
      if (isPaused && wasPaused) continue;
      logger.info(this.#progress, isPaused ? 'the warm-up pauses' : 'warming the cache');
    }
  }
}
