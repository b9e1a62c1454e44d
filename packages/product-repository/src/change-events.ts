import type { Ambient } from '@throughline/write-through';
import type { ChangePage } from './change-feed.ts';
import type { CaughtUpEvent, ChangeEvent, FollowChanges } from './product-change.ts';

/** An event, and the place to go on from once it was handled. */
export interface PlacedEvent {
  readonly id: string;
  readonly event: ChangeEvent | CaughtUpEvent;
}

/** Short beside the day and an hour that changes are kept: a place that is hardly older can be gone on from for a day. */
const caughtUpEveryMs = 60_000;

/**
 * What concerns the follower, and how far the log has come: once all that is known was told, and then every minute or two
 * while changes come that do not concern it. So its place stays near the end of the log.
 */
export async function* changeEvents(
  pages: AsyncIterable<ChangePage>,
  wanted: Pick<FollowChanges, 'ids' | 'categoryId'>,
  ambient: Pick<Ambient, 'monotonicMs'>,
): AsyncGenerator<PlacedEvent> {
  const concerns = concernOf(wanted);
  let told: number | undefined;
  let caughtUpAtMs = -Infinity;
  for await (const { changes, position, isLatest } of pages) {
    for (const { number, event } of changes) {
      if (!concerns(event)) continue;
      told = number;
      yield { id: String(number), event };
    }
    const nowMs = ambient.monotonicMs();
    const isFirst = caughtUpAtMs === -Infinity;
    const isDue = isFirst || (position !== told && nowMs - caughtUpAtMs >= caughtUpEveryMs);
    if (!isLatest || !isDue) continue;
    told = position;
    caughtUpAtMs = nowMs;
    yield { id: String(position), event: { type: 'caught-up' } };
  }
}

/** A product that leaves a category concerns those who follow that one, too. */
function concernOf({
  ids,
  categoryId,
}: Pick<FollowChanges, 'ids' | 'categoryId'>): (event: ChangeEvent) => boolean {
  const followed = ids && new Set(ids);
  return (event) => {
    if (event.type === 'all-changed') return true;
    if (followed !== undefined) return followed.has(event.id);
    if (categoryId === undefined) return true;
    return event.categoryId === categoryId || event.previousCategoryId === categoryId;
  };
}
