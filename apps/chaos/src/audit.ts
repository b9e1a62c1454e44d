import type { Committed } from './audit-trail.ts';
import type { Floor, History, Operation, PageRead, Violation } from './history.ts';

/** The trigger's clock is read before COMMIT, and rounds. */
const clockSlackMs = 2;

/** All that was committed of one product, by version. */
type Versions = ReadonlyMap<number, Committed>;

/**
 * Holds what clients were told against what PostgreSQL says was committed, linear in both: nothing uncommitted was
 * read, nothing acknowledged was lost, stock adds up, and category pages held whom they had to hold.
 */
export function audit(
  history: History,
  committed: readonly Committed[],
  stored: readonly Committed[],
): Violation[] {
  const byProduct = new Map(
    [...Map.groupBy(committed, ({ id }) => id)].map(([id, rows]): [number, Versions] => [
      id,
      new Map(rows.map((row) => [row.version, row])),
    ]),
  );
  return [
    ...dirtyReads(history, byProduct),
    ...lostWrites(history, byProduct),
    ...brokenChains(byProduct, stored),
    ...history.pages.flatMap((page) => wrongMembers(page, byProduct)),
    ...history.pages.flatMap((page) => wrongOrder(page, byProduct)),
  ];
}

function dirtyReads(history: History, byProduct: ReadonlyMap<number, Versions>): Violation[] {
  return [...history.observations.values()].flatMap(({ seen, operation, endedAtMs }) => {
    const { id, version, ...content } = seen;
    const row = byProduct.get(id)?.get(version);
    const told = (rule: string) => [violation(rule, JSON.stringify(seen), [operation])];
    if (row === undefined) return told('a version was read that was never committed');
    if (!isSame(row.row, content))
      return told('a version was read with other contents than committed');
    if (row.writtenAtMs > endedAtMs + clockSlackMs)
      return told('a version was read before it was written');
    return [];
  });
}

function lostWrites(history: History, byProduct: ReadonlyMap<number, Versions>): Violation[] {
  return history.acknowledged.flatMap(({ operation, stockDelta }) => {
    const versions = byProduct.get(operation.productId);
    const version = operation.version ?? 0;
    const [row, before] = [versions?.get(version), versions?.get(version - 1)];
    if (row === undefined) {
      return [violation('an acknowledged write is not in the database', '', [operation])];
    }
    if (stockDelta === undefined) return [];
    const delta = (row.row?.stock ?? Number.NaN) - (before?.row?.stock ?? Number.NaN);
    if (delta === stockDelta) return [];
    return [violation('stock moved by another amount than acknowledged', `${delta}`, [operation])];
  });
}

/** Versions grow by one, stock is never negative, and the table holds the last of them. */
function brokenChains(
  byProduct: ReadonlyMap<number, Versions>,
  stored: readonly Committed[],
): Violation[] {
  const rows = new Map(stored.map((row) => [row.id, row]));
  return [...byProduct].flatMap(([id, versions]) => {
    const found: Violation[] = [];
    for (let version = 1; version <= versions.size; version += 1) {
      const row = versions.get(version);
      if (row === undefined) found.push(violation('a version is missing', `${id}@${version}`, []));
      else if (row.row !== null && row.row.stock < 0) {
        found.push(violation('stock is negative', `${id}@${version}`, []));
      }
    }
    const last = versions.get(versions.size);
    const isLast = isSame(last?.row ?? null, rows.get(id)?.row ?? null);
    if (!isLast) found.push(violation('the table does not hold the last version', `${id}`, []));
    return found;
  });
}

/**
 * While the page was asked for, a product stood at some version from the one known before to the last one written
 * before the answer. It must be on the page if it was in the category at all of them, and may be if at any.
 */
function wrongMembers(page: PageRead, byProduct: ReadonlyMap<number, Versions>): Violation[] {
  const ids = new Set(page.ids);
  return [...byProduct].flatMap(([id, versions]) => {
    const known = page.floors.get(id);
    const isNew = known === undefined;
    const possible = window(page, versions, known);
    const inCategory = possible.filter(({ row }) => row?.categoryId === page.categoryId).length;
    const told = (rule: string) => [
      violation(rule, `product ${id}, category ${page.categoryId}`, [
        ...(known?.by === undefined ? [] : [known.by]),
        { ...page.operation, productId: id, version: null },
      ]),
    ];
    if (ids.has(id) && inCategory === 0) return told('a page holds a product of another category');
    const mustBeThere = !isNew && possible.length > 0 && inCategory === possible.length;
    if (!ids.has(id) && mustBeThere) return told('a page lacks a product of its category');
    return [];
  });
}

/** By name, then id: neighbours must have stood in that order at some pair of versions. */
function wrongOrder(page: PageRead, byProduct: ReadonlyMap<number, Versions>): Violation[] {
  return page.ids.flatMap((id, index) => {
    const next = page.ids[index + 1];
    if (next === undefined) return [];
    const names = (of: number) =>
      window(page, byProduct.get(of) ?? new Map<number, Committed>(), page.floors.get(of)).flatMap(
        ({ row }) => (row === null ? [] : [row.name]),
      );
    const isPossible = names(id).some((name) =>
      names(next).some((other) => name < other || (name === other && id < next)),
    );
    if (isPossible) return [];
    const operation = { ...page.operation, productId: id, version: null };
    return [violation('a page is out of order', `products ${id} and ${next}`, [operation])];
  });
}

function window(page: PageRead, versions: Versions, known: Floor | undefined): Committed[] {
  const possible: Committed[] = [];
  for (let version = Math.max(1, known?.version ?? 1); ; version += 1) {
    const row = versions.get(version);
    if (row === undefined || row.writtenAtMs > page.endedAtMs + clockSlackMs) return possible;
    possible.push(row);
  }
}

function isSame(one: Committed['row'], other: Committed['row']): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sku === other.sku &&
    one.name === other.name &&
    one.price === other.price &&
    one.stock === other.stock &&
    one.categoryId === other.categoryId
  );
}

function violation(rule: string, text: string, history: readonly Operation[]): Violation {
  return { rule, text, history };
}
