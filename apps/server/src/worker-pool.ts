import { type Logger, MergedMetrics, type MetricSnapshot } from '@throughline/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dealer } from './dealer.ts';
import { limits } from './limits.ts';
import type { UnreadyReason } from './readiness.ts';
import { elapsed } from './shutdown.ts';
import { Worker, type WorkerEnd } from './worker.ts';
import { watchWorker } from './watch-worker.ts';
import type { WorkerCounts } from './worker-sources.ts';

export interface WorkerPoolOptions {
  /** How many workers there should be. */
  readonly size: number;
  readonly logger: Logger;
  /** Learns of each worker that is ready. */
  readonly dealer: Pick<Dealer, 'add'>;
}

/**
 * Keeps so many workers alive: whoever dies is replaced, later each time while they go on dying.
 *
 * The first is started alone: it migrates the database and warms the cache for all. A rolling restart starts the successor
 * before it retires anybody, so there are as many as asked for at every moment. Disposing of the pool stops them all.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number;
  readonly #logger: Logger;
  readonly #dealer: Pick<Dealer, 'add'>;
  readonly #living = new Set<Worker>();
  readonly #merged = new MergedMetrics();
  readonly #stopping = new AbortController();
  #isLeaving = false;
  readonly #failed = Promise.withResolvers<never>();
  readonly #ended = { died: 0, replaced: 0, stopped: 0 };
  /** Deaths one after another, without a worker that was ready for long between them; and those before anyone was. */
  #deaths = 0;
  #startsFailed = 0;
  #rolling: Promise<void> | undefined;

  constructor({ size, logger, dealer }: WorkerPoolOptions) {
    this.#size = size;
    this.#logger = logger;
    this.#dealer = dealer;
    // Told by whoever waits for it; nobody has to.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when no worker is ready and those that are started end before they are. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  get counts(): WorkerCounts {
    const count = (state: Worker['state']) =>
      [...this.#living].filter((worker) => worker.state === state).length;
    return {
      living: { starting: count('starting'), ready: count('ready'), draining: count('draining') },
      ended: this.#ended,
    };
  }

  get lastScrape() {
    return this.#merged.lastScrape;
  }

  /** Starts them all; resolves when each place has had a worker that was ready. */
  async start(): Promise<void> {
    const [first = 1, ...others] = this.#numbers;
    await this.#fill(first);
    await Promise.all(others.map(async (number) => this.#fill(number)));
  }

  /** Replaces every worker by a new one, one after another. Joins the restart that is under way. */
  async roll(): Promise<void> {
    this.#rolling ??= this.#roll().finally(() => {
      this.#rolling = undefined;
    });
    return this.#rolling;
  }

  /** What all workers have counted, those that ended too, with what their supervisor says of itself. */
  async expose(own: MetricSnapshot) {
    await Promise.all([...this.#living].map(async (worker) => worker.count()));
    // Whoever has ended meanwhile is not among the living, and was kept in the same turn.
    return this.#merged.expose([own, ...[...this.#living].map(({ snapshot }) => snapshot)]);
  }

  /** Null as long as any worker is ready: it gets all connections that the others do not take. */
  async reasonAgainst(): Promise<UnreadyReason | null> {
    if (this.#isLeaving) return 'stopping';
    const ready = this.#ready;
    if (ready.length === 0) return 'starting';
    const reasons = await Promise.all(
      ready.map(async (worker) => worker.ask('readiness', limits.workerAnswerMs)),
    );
    if (reasons.includes('ready')) return null;
    return reasons.includes('database unreachable') ? 'database unreachable' : 'no worker answers';
  }

  /** Not ready from now on, while clients are still served and told to hang up. Resolves after so long, or at once if none can be. */
  async leave(noticeMs: number): Promise<void> {
    this.#isLeaving = true;
    const ready = this.#ready;
    for (const worker of ready) void worker.ask('retire', noticeMs);
    if (ready.length > 0) await delay(noticeMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    this.#stopping.abort();
    await Promise.all([...this.#living].map(async (worker) => worker.stop()));
    await this.#rolling;
  }

  get #ready(): Worker[] {
    return [...this.#living].filter(({ state }) => state === 'ready');
  }

  get #numbers(): number[] {
    return Array.from({ length: this.#size }, (_, index) => index + 1);
  }

  /** Starts a worker, and others in its place while they die; resolves when one was ready, or all are to stop. */
  async #fill(number: number): Promise<void> {
    for (;;) {
      if (this.#isLeaving) return;
      const worker = this.#spawn(number);
      const ended = worker.ended.then(() => 'ended' as const);
      if ((await Promise.race([worker.ready, ended])) !== 'ended') return;
      await this.#pause();
    }
  }

  #spawn(number: number): Worker {
    const worker = new Worker(number);
    this.#living.add(worker);
    this.#logger.info({ worker: number, pid: worker.pid }, 'a worker was started');
    void worker.ready.then(() => this.#welcome(worker));
    void worker.ended.then((end) => this.#bury(worker, end));
    void this.#watch(worker);
    return worker;
  }

  #welcome(worker: Worker): void {
    this.#startsFailed = 0;
    this.#dealer.add(worker);
  }

  async #watch(worker: Worker): Promise<void> {
    if ((await watchWorker(worker)) === 'over') return;
    this.#logger.error({ worker: worker.number, pid: worker.pid }, 'a worker does not answer');
  }

  #bury(worker: Worker, end: WorkerEnd): void {
    this.#living.delete(worker);
    this.#merged.keep(worker.snapshot);
    const { number, pid } = worker;
    // A signal to the whole group ends workers before their supervisor tells them.
    if (this.#isLeaving || worker.state === 'draining') {
      this.#ended[this.#isLeaving ? 'stopped' : 'replaced'] += 1;
      this.#logger.info({ worker: number, pid, ...end }, 'a worker has stopped');
      return;
    }
    const wasReady = worker.state === 'ready';
    this.#ended.died += 1;
    this.#deaths = worker.readyForMs >= limits.steadyMs ? 1 : this.#deaths + 1;
    this.#startsFailed += wasReady ? 0 : 1;
    this.#logger.error({ worker: number, pid, ...end }, 'a worker died');
    if (this.#startsFailed >= limits.startsMax && this.counts.living.ready === 0) {
      this.#failed.reject(new WorkersKeepDyingError(this.#startsFailed));
    } else if (wasReady) {
      void this.#replace(number);
    }
  }

  /** Unless a rolling restart has put a successor there meanwhile. */
  async #replace(number: number): Promise<void> {
    await this.#pause();
    if (this.#at(number) === undefined) await this.#fill(number);
  }

  #at(number: number): Worker | undefined {
    return [...this.#living].find(
      (worker) => worker.number === number && worker.state !== 'draining',
    );
  }

  async #pause(): Promise<void> {
    const doubled = limits.replaceMinMs * 2 ** Math.max(0, this.#deaths - 1);
    await elapsed(Math.min(limits.replaceMaxMs, doubled), this.#stopping.signal);
  }

  async #roll(): Promise<void> {
    this.#logger.info('the workers are replaced, one after another');
    for (const number of this.#numbers) {
      const old = this.#at(number);
      // One that died is being replaced anyway.
      if (old?.state !== 'ready') continue;
      const successor = this.#spawn(number);
      const late = elapsed(limits.startMs, this.#stopping.signal).then(() => 'late' as const);
      const ended = successor.ended.then(() => 'ended' as const);
      const outcome = await Promise.race([successor.ready, ended, late]);
      if (this.#stopping.signal.aborted) return;
      if (outcome !== undefined) {
        this.#logger.error({ worker: number, outcome }, 'the rolling restart was given up');
        if (outcome === 'late') await successor.stop();
        // The old one may have died meanwhile, and was not replaced because of this one.
        if (this.#at(number) === undefined) void this.#fill(number);
        return;
      }
      await old.retire();
    }
    this.#logger.info('all workers were replaced');
  }
}

/** A new process would end as these did: what is wrong is not of the moment. */
class WorkersKeepDyingError extends Error {
  readonly code = 'WORKERS_KEEP_DYING';

  constructor(count: number) {
    super(`${count} workers in a row ended before they were ready; what they logged says why.`);
    this.name = 'WorkersKeepDyingError';
  }
}
