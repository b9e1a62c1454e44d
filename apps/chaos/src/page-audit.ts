import type { Committed } from './audit-trail.ts';
import type { History, PageRead } from './history.ts';
import type { Violation } from './operation.ts';
import { clockSlackMs, type Trail } from './trail.ts';

/** Whom category pages held and in what order, held against what was committed. */
export function auditPages(history: History, trail: Trail): Violation[] {
  const parts = { history, trail };
  return [
    ...lacking(parts),
    ...history.pages.flatMap((page) => [...foreign(parts, page), ...outOfOrder(parts, page)]),
  ];
}

interface Parts {
  readonly history: History;
  readonly trail: Trail;
}

/**
 * A product must be on the page if it was known, and in the category at every version that it may have had
 * meanwhile. Where the category was read page by page, its name must have been the same too: whoever is renamed
 * while somebody turns the pages can be missed.
 */
function lacking(parts: Parts): Violation[] {
  const { history } = parts;
  const pages = history.pages.toSorted((one, other) => one.moment - other.moment);
  const violations: Violation[] = [];
  for (const [id, { from, to }] of history.knowledge.lives()) {
    for (let index = firstAt(pages, from); index < pages.length; index += 1) {
      const page = pages[index];
      if (page === undefined || page.moment >= to) break;
      if (page.ids.includes(id)) continue;
      const possible = window(parts, page, id);
      const names = new Set(possible.map(({ row }) => row?.name));
      const stayed = possible.every(({ row }) => row?.categoryId === page.categoryId);
      if (possible.length > 0 && stayed && (names.size === 1 || !page.isTurned)) {
        violations.push(violation(parts, 'a page lacks a product of its category', { page, id }));
      }
    }
  }
  return violations;
}

/** A product may be on the page if it was in the category at any version that it may have had meanwhile. */
function foreign(parts: Parts, page: PageRead): Violation[] {
  return page.ids.flatMap((id) => {
    const possible = window(parts, page, id);
    if (possible.some(({ row }) => row?.categoryId === page.categoryId)) return [];
    return [violation(parts, 'a page holds a product of another category', { page, id })];
  });
}

/** By name, then id: neighbours must have stood in that order at some pair of versions. */
function outOfOrder(parts: Parts, page: PageRead): Violation[] {
  const names = (id: number) =>
    window(parts, page, id).flatMap(({ row }) => (row === null ? [] : [row.name]));
  return page.ids.flatMap((id, index) => {
    const next = page.ids[index + 1];
    if (next === undefined) return [];
    const isPossible = names(id).some((name) =>
      names(next).some((other) => name < other || (name === other && id < next)),
    );
    if (isPossible) return [];
    return [violation(parts, 'a page is out of order', { page, id, text: `before ${next}` })];
  });
}

/** The versions that the product may have had while the page was asked for. */
function window({ history, trail }: Parts, page: PageRead, id: number): Committed[] {
  const versions = trail.versions(id);
  const possible: Committed[] = [];
  const known = history.knowledge.floor(id, page.moment).version;
  for (let version = Math.max(1, known); ; version += 1) {
    const committed = versions.get(version);
    if (committed === undefined || committed.committedAtMs > page.endedAtMs + clockSlackMs) {
      return possible;
    }
    possible.push(committed);
  }
}

function firstAt(pages: readonly PageRead[], moment: number): number {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((pages[middle]?.moment ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function violation(
  { history }: Parts,
  rule: string,
  { page, id, text = '' }: { page: PageRead; id: number; text?: string },
): Violation {
  const { by } = history.knowledge.floor(id, page.moment);
  const read = { ...page.times, productId: id, version: null };
  return {
    rule,
    text: `product ${id}, category ${page.categoryId} ${text}`.trimEnd(),
    history: by === undefined ? [read] : [by, read],
  };
}
