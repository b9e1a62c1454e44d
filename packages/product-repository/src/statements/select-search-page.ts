import { z } from 'zod';
import { id } from '../scalars.ts';
import type { Queryable } from './queryable.ts';

/** Where a page of a search ends: the next one begins right after it. */
export const searchPositionSchema = z.strictObject({ rank: z.number(), id });
export type SearchPosition = z.infer<typeof searchPositionSchema>;

export interface SearchPageInput {
  readonly query: string;
  readonly limit: number;
  readonly after?: SearchPosition | undefined;
}

export interface SearchPage {
  readonly ids: number[];
  readonly nextAfter: SearchPosition | null;
}

/**
 * One page of the products that contain every word of the query, best first. Words match in every inflection
 * ("lamps" finds "lamp"); the last one, which may still be being typed, also as a prefix. A product's rank
 * depends on nothing but itself, so others that come or go never shift a page.
 */
export async function selectSearchPage(
  db: Queryable,
  { query, limit, after }: SearchPageInput,
): Promise<SearchPage> {
  const { finished, last } = splitLastWord(query);
  const { rows } = await db.query({
    name: 'select_search_page',
    text,
    // One more than asked tells whether there is another page.
    values: [finished, last, limit + 1, after?.rank ?? null, after?.id ?? null],
  });
  const positions = rows.slice(0, limit).map((row) => searchPositionSchema.parse(row));
  const nextAfter = rows.length > limit ? positions.at(-1) : undefined;
  return { ids: positions.map((position) => position.id), nextAfter: nextAfter ?? null };
}

function splitLastWord(query: string): { finished: string; last: string } {
  const words = query.trim().split(/\s+/);
  return { finished: words.slice(0, -1).join(' '), last: words.at(-1) ?? '' };
}

/**
 * Nothing that a user typed is parsed as the syntax of a tsquery: PostgreSQL splits it into lexemes as it
 * does with the texts it indexes, and the prefix query is put together from quoted lexemes. Without any
 * lexeme ("!!!") the query is empty and matches nothing.
 *
 * The query is built once and each rank computed once: unless told, PostgreSQL would repeat both per row.
 */
const text = `
  WITH prefix AS (
    SELECT string_agg(
             '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || ''':*', ' & '
           )::tsquery AS query
      FROM unnest(tsvector_to_array(to_tsvector('simple', $2::text))) AS lexeme
  ), wanted AS MATERIALIZED (
    SELECT plainto_tsquery('english', $1::text)
           && coalesce(prefix.query || stem.query, stem.query) AS query
      FROM prefix, plainto_tsquery('english', $2::text) AS stem (query)
  ), found AS MATERIALIZED (
    SELECT product.id, ts_rank(product.search_vector, wanted.query)::float8 AS rank
      FROM wanted JOIN products AS product ON product.search_vector @@ wanted.query
  )
  SELECT rank, id FROM found
   WHERE $4::float8 IS NULL OR rank < $4::float8 OR (rank = $4::float8 AND id > $5::int)
   ORDER BY rank DESC, id LIMIT $3::int`;
