import { answerOf } from '@throughline/write-through/postgres';
import { z } from 'zod';
import type { ChangeEvent, LoggedChange } from '../product-change.ts';
import { isoTime } from './product-columns.ts';
import type { Connection, Queryable } from './queryable.ts';

/** How far the log of changes has come. */
export interface ChangeLogState {
  /** The number of the latest change; 0 before the first. */
  readonly last: number;
  /** Whether committed changes wait to be numbered. */
  readonly isWaiting: boolean;
}

export async function selectChangeLogState(db: Queryable): Promise<ChangeLogState> {
  const { rows } = await db.query({ name: 'select_change_log_state', text: stateText, values: [] });
  return stateSchema.parse(rows[0]);
}

/**
 * Numbers so many of the changes that wait, the earliest; whoever else does so is waited for. It is a transaction of its
 * own: the latest number is read in a snapshot that is taken once nobody else numbers.
 *
 * A change made past the service waits until the rows that its transaction left in the outbox for the product and its
 * categories are gone, and all after it with it: whoever is told of it and asks finds the entries of before gone from the cache.
 */
export async function numberChanges(db: Connection, countMax: number): Promise<NumberedChanges> {
  const answers = await db.queryAll([
    { text: 'BEGIN ISOLATION LEVEL READ COMMITTED', values: [] },
    {
      name: 'lock_product_changes_last',
      text: 'SELECT FROM product_changes_last FOR UPDATE',
      values: [],
    },
    { name: 'number_product_changes', text: numberText, values: [countMax] },
    { text: 'COMMIT', values: [] },
  ]);
  const [, , numbered] = answers.map(answerOf);
  return numberedSchema.parse(numbered?.rows[0]);
}

interface NumberedChanges {
  readonly count: number;
  /** The number of the latest change, numbered now or before. */
  readonly last: number;
}

/** What follows a number, in order, at most so many. */
export async function selectChanges(
  db: Queryable,
  after: number,
  countMax: number,
): Promise<LoggedChange[]> {
  const { rows } = await db.query({
    name: 'select_product_changes',
    text: selectText,
    values: [after, countMax],
  });
  return rows.map((row) => toChange(rowSchema.parse(row)));
}

/**
 * Deletes those of the earliest changes, at most so many, that are a day and an hour older than the latest; how many
 * there were. So whoever was at the end of the log finds it again, however long nothing changes.
 */
export async function deleteOldChanges(db: Queryable, countMax: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'delete_old_product_changes',
    text: deleteText,
    values: [countMax],
  });
  return rowCount ?? 0;
}

const number = z.coerce.number().int().nonnegative();

const numberedSchema = z.object({ count: number, last: number });

const stateSchema = z.object({ last: number, isWaiting: z.boolean() });

const rowSchema = z.object({
  number,
  id: z.int().nullable(),
  version: z.int().nullable(),
  isDeletion: z.boolean(),
  categoryId: z.int().nullable(),
  previousCategoryId: z.int().nullable(),
  changedAt: z.string(),
});

function toChange({ number: place, ...row }: z.infer<typeof rowSchema>): LoggedChange {
  return { number: place, event: toEvent(row) };
}

function toEvent(row: Omit<z.infer<typeof rowSchema>, 'number'>): ChangeEvent {
  const { id, version, categoryId, previousCategoryId, changedAt } = row;
  if (id === null || version === null || categoryId === null) {
    return { type: 'all-changed', changedAt };
  }
  return {
    type: row.isDeletion ? 'deleted' : 'changed',
    id,
    version,
    categoryId,
    ...(previousCategoryId !== null && { previousCategoryId }),
    changedAt,
  };
}

const stateText = `
  SELECT number::text AS last,
         (SELECT true FROM product_changes_unnumbered ORDER BY id LIMIT 1) IS NOT NULL AS "isWaiting"
    FROM product_changes_last`;

const told = 'product_id, version, is_deletion, category_id, previous_category_id, changed_at';

const numberText = `
  WITH first AS MATERIALIZED (
    SELECT id, xmin::text AS tx, ${told} FROM product_changes_unnumbered ORDER BY id LIMIT $1::int
  ), held AS (
    SELECT min(first.id) AS id
      FROM first JOIN write_through_outbox AS waiting ON waiting.xmin::text = first.tx
     WHERE waiting.key IS NULL
        OR waiting.key IN ('product:' || product_id, 'category:' || category_id, 'category:' || previous_category_id)
  ), free AS MATERIALIZED (
    SELECT first.* FROM first CROSS JOIN held WHERE held.id IS NULL OR first.id < held.id
  ), removed AS (
    DELETE FROM product_changes_unnumbered WHERE id = ANY (ARRAY(SELECT id FROM free))
  ), numbered AS (
    INSERT INTO product_changes (number, ${told})
    SELECT latest.number + row_number() OVER (ORDER BY free.id), ${told}
      FROM free CROSS JOIN product_changes_last AS latest
    RETURNING number
  )
  UPDATE product_changes_last
     SET number = greatest(product_changes_last.number, (SELECT max(number) FROM numbered))
  RETURNING number::text AS last, (SELECT count(*) FROM numbered)::text AS count`;

const selectText = `
  SELECT number::text AS number, product_id AS id, version, is_deletion AS "isDeletion",
         category_id AS "categoryId", previous_category_id AS "previousCategoryId",
         ${isoTime('changed_at')} AS "changedAt"
    FROM product_changes
   WHERE product_changes.number > $1::bigint
   ORDER BY product_changes.number LIMIT $2::int`;

const deleteText = `
  DELETE FROM product_changes
   WHERE number = ANY (ARRAY(SELECT number FROM product_changes ORDER BY number LIMIT $1::int))
     AND numbered_at <= (SELECT numbered_at FROM product_changes ORDER BY number DESC LIMIT 1)
                        - interval '25 hours'`;
