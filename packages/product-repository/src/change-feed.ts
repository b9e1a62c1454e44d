import { type Ambient, retryWaitMs } from '@throughline/write-through';
import type { ChangeLog } from './change-log.ts';
import { ChangesNotKeptError, TooManyFollowersError } from './errors.ts';
import type { LoggedChange } from './product-change.ts';
import { RecentChanges } from './recent-changes.ts';

/** Limits of a {@link ChangeFeed}, each with its reason. */
export const changeFeedLimits = {
  /** Between two looks at the log: hardly felt by who follows, and ten short statements a second to PostgreSQL. */
  everyMs: 100,
  /** Longest wait after looks that failed. */
  retryMaxMs: 5_000,
  /** Of the latest changes, so many are in memory, some 200 bytes each. Who is further behind asks the log. */
  recentMax: 20_000,
  /** Changes of one statement. */
  pageMax: 1_000,
  /** Each holds a connection, and looks at every change. */
  followersMax: 2_000,
} as const;

export interface ChangeFeedOptions {
  readonly log: ChangeLog;
  readonly ambient: Pick<Ambient, 'wait' | 'random'>;
  /** Aborted when the process stops, before its requests are waited for. */
  readonly signal: AbortSignal;
  /** Told when the log cannot be read, once until it can again. */
  readonly onFailure: (err: unknown) => void;
  readonly limits?: Partial<Readonly<Record<keyof typeof changeFeedLimits, number>>>;
}

/** Changes that follow each other without a gap. */
export interface ChangePage {
  readonly changes: readonly LoggedChange[];
  /** The number of the last of them, or of the change before them. */
  readonly position: number;
  /** Whether there was nothing more. */
  readonly isLatest: boolean;
}

/**
 * Tells the changes of the log to any number of followers of this process, for whom the database is asked once.
 *
 *     log → recent changes, once for all → each follower, from its own place, as quickly as it takes them
 *
 * One that is slow holds up nobody and takes no memory: it has a place and nothing else, and where the changes behind
 * it are not in memory any more, the log is asked for a page. While nobody follows, nothing is asked.
 */
export class ChangeFeed implements AsyncDisposable {
  readonly #options: ChangeFeedOptions;
  readonly #limits: Readonly<Record<keyof typeof changeFeedLimits, number>>;
  readonly #recent: RecentChanges;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<() => void>();
  #followers = 0;
  /** How often there was news. */
  #news = 0;
  #loop: Promise<void> | undefined;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#limits = { ...changeFeedLimits, ...options.limits };
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    this.#recent = new RecentChanges(this.#limits.recentMax);
  }

  get followers(): number {
    return this.#followers;
  }

  /**
   * Every change after this number; without one, every change that is committed after the call, and perhaps some that
   * were committed just before. The first page comes at once, empty or not. Ends by throwing the reason of the
   * signal, or of the feed's own, or `ChangesNotKeptError` once a change is not in the log any more.
   *
   * Throws `TooManyFollowersError`, and `ChangesNotKeptError`.
   */
  async follow(
    after: number | undefined,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ChangePage>> {
    if (this.#followers >= this.#limits.followersMax) throw new TooManyFollowersError();
    const { log } = this.#options;
    const last = await log.last();
    if (after !== undefined && after !== last) {
      const [next] = await log.after(after, 1);
      if (next?.number !== after + 1) throw new ChangesNotKeptError();
    }
    return this.#pages(after ?? last, AbortSignal.any([signal, this.#signal]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async *#pages(start: number, signal: AbortSignal): AsyncGenerator<ChangePage> {
    this.#join();
    try {
      let position = start;
      for (let isFirst = true; ; isFirst = false) {
        signal.throwIfAborted();
        const news = this.#news;
        const changes = await this.#after(position);
        const isLatest = changes.length < this.#limits.pageMax;
        if (changes.length > 0) {
          if (changes[0]?.number !== position + 1) throw new ChangesNotKeptError();
          position += changes.length;
        }
        if (isFirst || changes.length > 0) yield { changes, position, isLatest };
        const isIdle = isLatest && news === this.#news && !signal.aborted;
        if (isIdle) await this.#newsOrAbort(signal);
      }
    } finally {
      this.#followers -= 1;
    }
  }

  async #after(position: number): Promise<readonly LoggedChange[]> {
    const { pageMax } = this.#limits;
    return this.#recent.after(position, pageMax) ?? this.#options.log.after(position, pageMax);
  }

  /** A race of promises would keep something of each round for as long as the signal lives. */
  async #newsOrAbort(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const go = () => resolve();
    this.#waiting.add(go);
    signal.addEventListener('abort', go);
    await promise;
    this.#waiting.delete(go);
    signal.removeEventListener('abort', go);
  }

  #join(): void {
    this.#followers += 1;
    this.#loop ??= this.#look();
  }

  async #look(): Promise<void> {
    const { ambient, onFailure } = this.#options;
    const { everyMs, retryMaxMs } = this.#limits;
    const backoff = { backoffMinMs: everyMs, backoffMaxMs: retryMaxMs };
    let failures = 0;
    while (this.#followers > 0 && !this.#signal.aborted) {
      try {
        await this.#advance();
        failures = 0;
      } catch (err) {
        if (failures === 0) onFailure(err);
        failures += 1;
      }
      const waitMs = failures === 0 ? everyMs : retryWaitMs(failures, ambient, backoff);
      await ambient.wait(waitMs, this.#signal).catch(() => undefined);
    }
    this.#recent.restart();
    this.#loop = undefined;
  }

  /** Of more than fits, none is loaded: those who have a place before it ask the log. */
  async #advance(): Promise<void> {
    const { log } = this.#options;
    const { pageMax, recentMax } = this.#limits;
    const last = await log.advance();
    for (;;) {
      const { end } = this.#recent;
      if (end !== undefined && end >= last) return;
      const isNear = end !== undefined && last - end <= recentMax;
      const changes = isNear ? await log.after(end, pageMax) : [];
      if (changes.length === 0) this.#recent.restart(last);
      else this.#recent.add(changes);
      this.#tell();
    }
  }

  #tell(): void {
    this.#news += 1;
    for (const go of this.#waiting) go();
  }
}
