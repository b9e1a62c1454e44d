import type { Committed } from './audit-trail.ts';
import { changed, isSame } from './change.ts';
import type { History, OpenWrite } from './history.ts';
import type { Violation } from './operation.ts';
import type { Trail, Versions } from './trail.ts';

export interface Explained {
  /** Writes of unknown outcome that were made after all. */
  readonly openWrites: readonly OpenWrite[];
  readonly violations: readonly Violation[];
}

/**
 * Every version must have been written by somebody: by an acknowledged write, or by one of unknown outcome, each at
 * most once. So a write that was refused and made all the same is found, and one that was made twice.
 */
export function explain(history: History, trail: Trail): Explained {
  const acknowledged = new Set(
    history.acknowledged.map(({ operation: { productId, version } }) => `${productId}@${version}`),
  );
  const openByProduct = Map.groupBy(history.open, ({ productId }) => productId);
  const parts = [...trail.products].map(([id, versions]) => {
    const unclaimed = [...versions.values()].filter(
      ({ version }) => !acknowledged.has(`${id}@${version}`),
    );
    const open = [...(openByProduct.get(id) ?? []), ...bySku(versions, openByProduct)];
    return match(unclaimed, open, versions);
  });
  return {
    openWrites: parts.flatMap(({ openWrites }) => openWrites),
    violations: parts.flatMap(({ violations }) => violations),
  };
}

/** Those who wanted to create a product, or to write whatever has its SKU, do not know its id; the SKU is unique. */
function bySku(
  versions: Versions,
  openByProduct: ReadonlyMap<number | undefined, readonly OpenWrite[]>,
): OpenWrite[] {
  const sku = versions.get(1)?.row?.sku;
  return (openByProduct.get(undefined) ?? []).filter(({ change }) => skuOf(change) === sku);
}

function skuOf(change: OpenWrite['change']): string | undefined {
  if (change.kind === 'create') return change.content.sku;
  return change.kind === 'upsert' ? change.fields.sku : undefined;
}

/** As many pairs of a version and a write that can have made it as there can be: augmenting paths. */
function match(
  unclaimed: readonly Committed[],
  open: readonly OpenWrite[],
  versions: Versions,
): Explained {
  const taken = new Map<OpenWrite, Committed>();
  const place = (committed: Committed, tried: Set<OpenWrite>): boolean => {
    const before = versions.get(committed.version - 1)?.row ?? null;
    return open.some((write) => {
      if (tried.has(write)) return false;
      const result = changed(before, write.change);
      if (result === undefined || !isSame(result, committed.row)) return false;
      tried.add(write);
      const holder = taken.get(write);
      if (holder !== undefined && !place(holder, tried)) return false;
      taken.set(write, committed);
      return true;
    });
  };
  const left = unclaimed.filter((committed) => !place(committed, new Set()));
  return {
    openWrites: [...taken.keys()],
    violations: left.map(({ id, version, row, committedAtMs }) => ({
      rule: 'a version that no write explains',
      text: `product ${id}, version ${version}: ${JSON.stringify(row)}`,
      history: [],
      atMs: committedAtMs - performance.timeOrigin,
    })),
  };
}
