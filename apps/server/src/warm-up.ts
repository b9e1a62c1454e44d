import type { CacheStatus } from '@throughline/api';
import type { ProductRepository } from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import { aborted } from './shutdown.ts';

/** Longest warm-up before the service reports ready without it: a cold cache beats no service. */
const warmUpMaxMs = 10_000;

export interface WarmUpOptions {
  readonly products: Pick<ProductRepository, 'popularIds' | 'warm'>;
  /** How many of the most viewed products to load. */
  readonly count: number;
  readonly logger: Logger;
}

/** Loads the most viewed products into the cache: before the service is ready, and after a new epoch began. */
export class WarmUp {
  readonly #options: WarmUpOptions;
  #progress: CacheStatus['warmUp'];
  #tookMs: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: WarmUpOptions) {
    this.#options = options;
    this.#progress = { state: 'idle', loaded: 0, total: options.count };
  }

  get progress(): CacheStatus['warmUp'] {
    return this.#progress;
  }

  /** How long the last one took; undefined before that. */
  get tookMs(): number | undefined {
    return this.#tookMs;
  }

  /** Joins the one that is running. Never rejects: what was not loaded is loaded by its first reader. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run(signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { count, logger } = this.#options;
    if (count === 0) return;
    const beganMs = performance.now();
    const ending = AbortSignal.any([signal, AbortSignal.timeout(warmUpMaxMs)]);
    try {
      await Promise.race([this.#load(ending), aborted(ending)]);
    } catch (err) {
      logger.warn({ err }, 'the cache could not be warmed; readers will fill it');
    }
    this.#tookMs = performance.now() - beganMs;
    const { loaded, total } = this.#progress;
    const isDone = this.#progress.state === 'running' && loaded === total;
    this.#progress = { state: isDone ? 'done' : 'incomplete', loaded, total };
    logger.info(this.#progress, 'warm-up ended');
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { products, count, logger } = this.#options;
    const ids = await products.popularIds(count);
    this.#progress = { state: 'running', loaded: 0, total: ids.length };
    await products.warm(ids, {
      signal,
      onProgress: (progress) => {
        if (signal.aborted) return;
        this.#progress = { state: 'running', ...progress };
        logger.info(progress, 'warming the cache');
      },
    });
  }
}
