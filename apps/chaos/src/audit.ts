import type { Committed } from './audit-trail.ts';
import { changed, isSame } from './change.ts';
import { explain, type Explained } from './explain.ts';
import type { History, Observation } from './history.ts';
import type { Operation, Violation } from './operation.ts';
import { auditPages } from './page-audit.ts';
import { clockSlackMs, Trail, type Versions } from './trail.ts';

/** What the products held in sum, by those who changed it; `stored` is what the table holds. */
export interface StockSum {
  readonly created: number;
  readonly acknowledged: number;
  /** By writes of unknown outcome that were made after all. */
  readonly resolved: number;
  readonly deleted: number;
  readonly stored: number;
}

export interface AuditResult {
  readonly violations: readonly Violation[];
  readonly stock: StockSum;
  /** Of the writes of unknown outcome: how many were made after all. */
  readonly openWritesMade: number;
}

/**
 * Holds what clients were told against what PostgreSQL says was committed: nothing uncommitted was read, nothing
 * acknowledged was lost, nothing was done that nobody asked for, stock adds up, and category pages held whom they
 * had to hold.
 */
export function audit(
  history: History,
  committed: readonly Committed[],
  stored: readonly Committed[],
): AuditResult {
  const trail = new Trail(committed);
  const explained = explain(history, trail);
  const stock = sumStock(history, explained, { trail, stored });
  return {
    violations: [
      ...dirtyReads(history, trail),
      ...lostWrites(history, trail),
      ...explained.violations,
      ...madeInPart(history, explained),
      ...brokenChains(trail, stored),
      ...unbalanced(stock),
      ...auditPages(history, trail),
    ],
    stock,
    openWritesMade: explained.openWrites.length,
  };
}

function dirtyReads(history: History, trail: Trail): Violation[] {
  return [...history.observations.values()].flatMap((observation) => {
    const rule = ruleOfDirtyRead(observation, trail);
    if (rule === undefined) return [];
    const { seen, operation } = observation;
    return [{ rule, text: JSON.stringify(seen), history: [operation] }];
  });
}

function ruleOfDirtyRead(
  { seen, operation, endedAtMs }: Observation,
  trail: Trail,
): string | undefined {
  const versions = trail.versions(operation.productId);
  const heardMs = endedAtMs + clockSlackMs;
  if (seen === null) {
    const end = [...versions.values()].find(({ row }) => row === null);
    return end === undefined || end.committedAtMs > heardMs
      ? 'a product was said to be gone before that was committed'
      : undefined;
  }
  const committed = versions.get(seen.version);
  if (committed === undefined) return 'a version was read that was never committed';
  if (!isSame(committed.row, seen)) return 'a version was read with other contents than committed';
  if (committed.committedAtMs > heardMs) return 'a version was read before it was committed';
  return undefined;
}

function lostWrites(history: History, trail: Trail): Violation[] {
  const told = new Map<string, Operation>();
  return history.acknowledged.flatMap(({ operation, change }) => {
    const versions = trail.versions(operation.productId);
    const version = operation.version ?? 0;
    const found = versions.get(version);
    const other = told.get(`${operation.productId}@${version}`);
    told.set(`${operation.productId}@${version}`, operation);
    if (other !== undefined) {
      return [violation('two writes were acknowledged with one version', [other, operation])];
    }
    if (found === undefined) {
      return [violation('an acknowledged write is not in the database', [operation])];
    }
    const asked = changed(versions.get(version - 1)?.row ?? null, change);
    if (asked !== undefined && isSame(found.row, asked)) return [];
    const text = `${JSON.stringify(change)} gave ${JSON.stringify(found.row)}`;
    return [violation('an acknowledged write did something else', [operation], text)];
  });
}

/** Of a write of several products whose outcome nobody was told, all were made or none. */
function madeInPart({ open }: History, { openWrites }: Explained): Violation[] {
  const made = new Set(openWrites);
  const calls = Map.groupBy(
    open.filter(({ change }) => change.kind === 'upsert'),
    ({ times }) => times,
  );
  return [...calls].flatMap(([{ what, endedMs }, writes]) => {
    const left = writes.filter((write) => !made.has(write));
    if (left.length === 0 || left.length === writes.length) return [];
    const text = `${what}: ${left.length} of ${writes.length} were not written, as ${JSON.stringify(left[0]?.change)}`;
    const rule = 'a write of several products was made in part';
    return [{ rule, text, history: [], atMs: endedMs }];
  });
}

/** Versions grow by one, stock is never negative, and the table holds the last of them. */
function brokenChains(trail: Trail, stored: readonly Committed[]): Violation[] {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const ids = new Set([...trail.products.keys(), ...rows.keys()]);
  const wrong = [...ids].filter((id) => !isLast(trail.versions(id), rows.get(id)));
  return [
    ...[...trail.products].flatMap(([id, versions]) => brokenVersions(id, versions)),
    ...wrong.map((id) => violation('the table does not hold the last version', [], `${id}`)),
  ];
}

function brokenVersions(id: number, versions: Versions): Violation[] {
  const found: Violation[] = [];
  for (let version = 1; version <= versions.size; version += 1) {
    const committed = versions.get(version);
    const text = `${id}@${version}`;
    if (committed === undefined) found.push(violation('a version is missing', [], text));
    else if (committed.row !== null && committed.row.stock < 0) {
      found.push(violation('stock is negative', [], text));
    }
  }
  return found;
}

function isLast(versions: Versions, stored: Committed | undefined): boolean {
  const last = versions.get(versions.size);
  if (last === undefined) return false;
  if (last.row === null) return stored === undefined;
  return stored?.version === last.version && isSame(last.row, stored.row);
}

/** From what clients were told; of the trail only what it says about writes of unknown outcome and about what was deleted. */
function sumStock(
  { acknowledged }: History,
  { openWrites }: Explained,
  { trail, stored }: { trail: Trail; stored: readonly Committed[] },
): StockSum {
  const made = [...acknowledged, ...openWrites].map(({ change }) => change);
  const deleted = [...trail.products.values()].map((versions) =>
    versions.get(versions.size)?.row === null
      ? (versions.get(versions.size - 1)?.row?.stock ?? 0)
      : 0,
  );
  return {
    created: sum(made.map((change) => (change.kind === 'create' ? change.content.stock : 0))),
    acknowledged: sum(acknowledged.map(({ change }) => deltaOf(change))),
    resolved: sum(openWrites.map(({ change }) => deltaOf(change))),
    deleted: sum(deleted),
    stored: sum(stored.map(({ row }) => row?.stock ?? 0)),
  };
}

function unbalanced(stock: StockSum): Violation[] {
  const { created, acknowledged, resolved, deleted, stored } = stock;
  if (created + acknowledged + resolved - deleted === stored) return [];
  return [violation('stock does not add up', [], JSON.stringify(stock))];
}

function deltaOf(change: History['acknowledged'][number]['change']): number {
  return change.kind === 'adjust-stock' ? change.delta : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function violation(rule: string, history: readonly Operation[], text = ''): Violation {
  return { rule, text, history };
}
