import type { Ambient } from './ambient.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';
import type { Limits } from './limits.ts';

/** The ids that a warm-up loads, in its order, page by page: so there may be any number of them. */
export interface WarmPages<Id, Position> {
  /** The ids that follow a position, so many at most, and none at the end; the first ones without a position. */
  after(position: Position | undefined, countMax: number): Promise<WarmPage<Id, Position>>;
}

export interface WarmPage<Id, Position> {
  readonly ids: readonly Id[];
  /** Where the next page begins. */
  readonly position: Position;
}

export interface WarmOptions {
  readonly pageSize?: number;
  /**
   * While the store cannot be trusted, the warm-up pauses for so long at a time, and goes on afterwards; without it, it is over
   * then.
   */
  readonly patienceMs?: number;
  /** Ends the warm-up after the pages under way. */
  readonly signal?: AbortSignal;
}

/** How far a warm-up is. */
export interface WarmStep {
  /** Records that the cache can answer, of those that were looked at. */
  readonly loaded: number;
  /** Whether it waits for a store that can be trusted. */
  readonly isPaused: boolean;
}

export interface WarmProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface WarmParts<Id, Position> {
  readonly pages: WarmPages<Id, Position>;
  /** How many of a page the cache answers afterwards; `untrusted` if that epoch is over, or the store away. */
  readonly load: (epoch: Epoch, ids: readonly Id[]) => Promise<number | 'untrusted'>;
  readonly epochs: Pick<EpochKeeper, 'current'>;
  readonly ambient: Pick<Ambient, 'wait'>;
  readonly limits: Pick<Limits, 'warmPageSize' | 'warmPagesMax' | 'warmRetryMs'>;
}

/**
 * Loads page after page, a few at a time, and tells after each how far it is. Ends when nobody asks for the next step.
 *
 * It keeps its place: after a pause in one epoch it goes on with the first page that was not done. In another epoch nothing of
 * before is read any more, so it begins again with the ids that matter most. Throws what loading a page throws.
 */
export async function* warm<Id, Position>(
  parts: WarmParts<Id, Position>,
  options: WarmOptions = {},
): AsyncGenerator<WarmStep, void> {
  const { epochs, ambient, limits } = parts;
  const { patienceMs = 0, signal = new AbortController().signal } = options;
  let pausedMs = 0;
  let place: Place<Position> = { loaded: 0 };
  let known: Epoch | undefined;
  while (!signal.aborted) {
    const epoch = epochs.current;
    if (epoch !== undefined) {
      if (known !== undefined && !isSameEpoch(known, epoch)) place = { loaded: 0 };
      known = epoch;
      for await (const step of stretch({ ...parts, epoch, from: place }, options)) {
        if (step === 'done') return;
        place = step;
        pausedMs = 0;
        yield { loaded: place.loaded, isPaused: false };
      }
    }
    if (pausedMs >= patienceMs) return;
    yield { loaded: place.loaded, isPaused: true };
    await ambient.wait(limits.warmRetryMs, signal).catch(() => undefined);
    pausedMs += limits.warmRetryMs;
  }
}

/** Up to where every page was done. */
interface Place<Position> {
  readonly loaded: number;
  readonly position?: Position;
}

interface Stretch<Id, Position> extends WarmParts<Id, Position> {
  readonly epoch: Epoch;
  readonly from: Place<Position>;
}

/**
 * From a place until the end, or until the epoch cannot be trusted. While the fills of one page are on their way, PostgreSQL
 * works on the next.
 */
async function* stretch<Id, Position>(
  { pages, load, limits, epoch, from }: Stretch<Id, Position>,
  { pageSize = limits.warmPageSize, signal }: WarmOptions,
): AsyncGenerator<Place<Position> | 'done', void> {
  const underWay: { position: Position; loading: Promise<number | 'untrusted'> }[] = [];
  let { loaded } = from;
  let last = from.position;
  let isLast = false;
  try {
    for (;;) {
      while (!isLast && underWay.length < limits.warmPagesMax) {
        const page = await pages.after(last, pageSize);
        isLast = page.ids.length === 0 || signal?.aborted === true;
        if (isLast) break;
        const loading = load(epoch, page.ids);
        // Told when its turn comes, or not at all if a page before it ends the stretch.
        loading.catch(() => undefined);
        underWay.push({ position: page.position, loading });
        last = page.position;
      }
      const first = underWay.shift();
      if (first === undefined) break;
      const count = await first.loading;
      if (count === 'untrusted') return;
      loaded += count;
      yield { loaded, position: first.position };
    }
    yield 'done';
  } finally {
    await Promise.allSettled(underWay.map(({ loading }) => loading));
  }
}

/** Those very ids. */
export function pagesOf<Id>(ids: readonly Id[]): WarmPages<Id, number> {
  return {
    after: async (start = 0, countMax) => ({
      ids: ids.slice(start, start + countMax),
      position: start + countMax,
    }),
  };
}
