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
  /** At least so often is every follower told how far the log has come, though nothing concerns it. */
  pageEveryMs: 60_000,
  /** Of the latest changes, so many are in memory, some 200 bytes each. Who is further behind asks the log. */
  recentMax: 20_000,
  /** Changes of one statement. */
  pageMax: 1_000,
  /** Each holds a connection, and looks at every change. */
  followersMax: 2_000,
} as const;

type Limits = Readonly<Record<keyof typeof changeFeedLimits, number>>;

export interface ChangeFeedOptions {
  readonly log: ChangeLog;
  readonly ambient: Pick<Ambient, 'wait' | 'random' | 'monotonicMs'>;
  /** Told when the log cannot be read, once until it can again. */
  readonly onFailure: (err: unknown) => void;
  readonly limits?: Partial<Limits>;
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
  readonly #limits: Limits;
  readonly #recent: RecentChanges;
  readonly #ending = new AbortController();
  readonly #waiting = new Set<() => void>();
  #followers = 0;
  /** How often those who wait were woken. */
  #calls = 0;
  /** How often the log was found set back, as by a restore: places before that mean nothing any more. */
  #setBacks = 0;
  #calledAtMs = -Infinity;
  #loop: Promise<void> | undefined;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#limits = { ...changeFeedLimits, ...options.limits };
    this.#recent = new RecentChanges(this.#limits.recentMax);
  }

  get followers(): number {
    return this.#followers;
  }

  /**
   * Every change after this number; without one, every change that is committed once this has resolved, and perhaps some
   * from just before. The first page comes at once, empty or not. Ends by throwing the reason of the signal, an
   * `AbortError` when the feed ends, or `ChangesNotKeptError` once a change is not in the log any more.
   *
   * Throws `TooManyFollowersError`, `ChangesNotKeptError`, and what the log throws.
   */
  async follow(
    after: number | undefined,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ChangePage>> {
    if (this.#followers >= this.#limits.followersMax) throw new TooManyFollowersError();
    const until = AbortSignal.any([signal, this.#ending.signal]);
    const leave = this.#join(until);
    try {
      return this.#pages(await this.#begin(after), { until, leave });
    } catch (err) {
      leave();
      throw err;
    }
  }

  /** Ends all that follow, and whoever comes. */
  end(): void {
    this.#ending.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#loop;
  }

  /** The number to go on from. */
  async #begin(after: number | undefined): Promise<number> {
    const { log } = this.#options;
    // What was committed before it came is not told where nobody had numbered it yet.
    if (after === undefined) return this.#recent.end ?? (await log.advance());
    if (this.#recent.after(after, 1) !== undefined) return after;
    const last = await log.last();
    if (after === last) return last;
    const [next] = await log.after(after, 1);
    if (next?.number !== after + 1) throw new ChangesNotKeptError();
    return after;
  }

  async *#pages(
    start: number,
    { until, leave }: { readonly until: AbortSignal; readonly leave: () => void },
  ): AsyncGenerator<ChangePage> {
    const setBacks = this.#setBacks;
    try {
      let position = start;
      for (;;) {
        until.throwIfAborted();
        if (setBacks !== this.#setBacks) throw new ChangesNotKeptError();
        const calls = this.#calls;
        const changes = await this.#after(position);
        const isLatest = changes.length < this.#limits.pageMax;
        yield { changes, position: (position += changes.length), isLatest };
        if (isLatest && calls === this.#calls && !until.aborted) await this.#callOrAbort(until);
      }
    } finally {
      leave();
    }
  }

  /** What follows a place that was reached; none if there is none yet. */
  async #after(position: number): Promise<readonly LoggedChange[]> {
    const { pageMax } = this.#limits;
    const { end = position } = this.#recent;
    const changes =
      this.#recent.after(position, pageMax) ?? (await this.#options.log.after(position, pageMax));
    const next = changes[0]?.number ?? (position < end ? undefined : position + 1);
    if (next !== position + 1) throw new ChangesNotKeptError();
    return changes;
  }

  /** A race of promises would keep something of each round for as long as the signal lives. */
  async #callOrAbort(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const go = () => resolve();
    this.#waiting.add(go);
    signal.addEventListener('abort', go);
    await promise;
    this.#waiting.delete(go);
    signal.removeEventListener('abort', go);
  }

  /** Counts one more, until it leaves; at the latest when the signal is aborted, for not every generator is begun. */
  #join(until: AbortSignal): () => void {
    this.#followers += 1;
    let isHere = true;
    const leave = () => {
      if (isHere) this.#followers -= 1;
      isHere = false;
      until.removeEventListener('abort', leave);
    };
    until.addEventListener('abort', leave);
    if (until.aborted) leave();
    else this.#loop ??= this.#look();
    return leave;
  }

  async #look(): Promise<void> {
    const { ambient, onFailure } = this.#options;
    const { everyMs, retryMaxMs } = this.#limits;
    const { signal } = this.#ending;
    const backoff = { backoffMinMs: everyMs, backoffMaxMs: retryMaxMs };
    let failures = 0;
    while (this.#followers > 0 && !signal.aborted) {
      try {
        await this.#advance();
        failures = 0;
      } catch (err) {
        if (failures === 0) onFailure(err);
        failures += 1;
      }
      const waitMs = failures === 0 ? everyMs : retryWaitMs(failures, ambient, backoff);
      await ambient.wait(waitMs, signal).catch(() => undefined);
    }
    this.#recent.restart();
    this.#loop = undefined;
  }

  /** Of more than fits, none is loaded: those who have a place before it ask the log. */
  async #advance(): Promise<void> {
    const { log, ambient } = this.#options;
    const { pageMax, recentMax, pageEveryMs } = this.#limits;
    const last = await log.advance();
    for (let { end } = this.#recent; end !== last; { end } = this.#recent) {
      if (end !== undefined && last < end) this.#setBacks += 1;
      // Whoever else numbers may have gone further meanwhile.
      const changes =
        end !== undefined && end < last && last - end <= recentMax
          ? (await log.after(end, pageMax)).slice(0, last - end)
          : [];
      if (changes.length === 0) this.#recent.restart(last);
      else this.#recent.add(changes);
      this.#call();
    }
    if (ambient.monotonicMs() - this.#calledAtMs >= pageEveryMs) this.#call();
  }

  #call(): void {
    this.#calls += 1;
    this.#calledAtMs = this.#options.ambient.monotonicMs();
    for (const go of this.#waiting) go();
  }
}
