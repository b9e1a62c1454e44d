import { z } from 'zod';
import { id } from './scalars.ts';

/** Products that one follower may name: as many as one call may ask for. */
export const followedIdsMax = 100;

/** Which changes somebody wants to be told of: of these products, of one category, or all. */
export const changesSchema = z
  .strictObject({
    ids: z.array(id).min(1).max(followedIdsMax).optional(),
    categoryId: id.optional(),
    /** The `id` of the last event that was handled: all that came after it are told. */
    lastEventId: z
      .string()
      .regex(/^\d{1,15}$/, 'A lastEventId is the id of an event of this subscription.')
      .nullish(),
  })
  .refine(({ ids, categoryId }) => ids === undefined || categoryId === undefined, {
    message: 'Follow products or a category, not both.',
  });
export type FollowChanges = z.infer<typeof changesSchema>;

/** One committed change, with its place among all: numbers have no gaps. */
export interface LoggedChange {
  readonly number: number;
  readonly event: ChangeEvent;
}

/** A change of the catalogue. The product itself is asked for as ever, and is never older than the event. */
export type ChangeEvent = ProductEvent | CatalogueEvent;

export interface ProductEvent {
  /** `changed`: it was created or has another version. */
  readonly type: 'changed' | 'deleted';
  readonly id: number;
  /** Of one product, each event has a higher one than the event before. */
  readonly version: number;
  readonly categoryId: number;
  /** The category that it has left with this change. */
  readonly previousCategoryId?: number;
  readonly changedAt: string;
}

/** All products may have changed: another program has truncated the table. */
export interface CatalogueEvent {
  readonly type: 'all-changed';
  readonly changedAt: string;
}

/** Everything up to here was told, and there is nothing more at the moment. */
export interface CaughtUpEvent {
  readonly type: 'caught-up';
}
