import { describe, expect, it } from 'vitest';
import type { Committed } from './audit-trail.ts';
import { audit } from './audit.ts';
import { History, type Operation, type Seen } from './history.ts';

const row = { sku: 'A', name: 'lamp 001', price: '1.00', stock: 1, categoryId: 1 };

function committed(version: number, more: Partial<typeof row> | null = {}, id = 1): Committed {
  return { id, version, row: more === null ? null : { ...row, ...more }, writtenAtMs: 0 };
}

function seen(version: number, more: Partial<Seen> = {}): Seen {
  return { id: 1, version, ...row, ...more };
}

function operation(version: number | null, productId = 1): Operation {
  return { what: 'test', productId, version, beganMs: 0, endedMs: 1 };
}

const unknown = { version: 0, isGone: false, by: undefined };

/** The rules broken by a history beside a trail whose last rows are also those of the table. */
function rulesOf(history: History, trail: readonly Committed[]): string[] {
  const last = new Map(trail.map((version) => [version.id, version]));
  const stored = [...last.values()].filter((version) => version.row !== null);
  return audit(history, trail, stored).map(({ rule }) => rule);
}

function pageOf(history: History, ids: readonly number[]): void {
  history.page({
    categoryId: 1,
    operation: { what: 'byCategory', beganMs: 0, endedMs: 1 },
    endedAtMs: Date.now(),
    floors: history.livingFloors(),
    ids,
  });
}

describe('the audit', () => {
  it('finds nothing where clients were told what was committed', () => {
    const history = new History();
    history.write(operation(1), seen(1));
    history.write(operation(2), seen(2, { stock: 4 }), 3);
    history.read(operation(2), unknown, seen(2, { stock: 4 }));
    pageOf(history, [1]);
    expect(rulesOf(history, [committed(1), committed(2, { stock: 4 })])).toEqual([]);
  });

  it('finds a version that was read and never committed', () => {
    const history = new History();
    history.read(operation(2), unknown, seen(2));
    expect(rulesOf(history, [committed(1)])).toEqual([
      'a version was read that was never committed',
    ]);
  });

  it('finds contents that were never committed', () => {
    const history = new History();
    history.read(operation(1), unknown, seen(1, { price: '2.00' }));
    expect(rulesOf(history, [committed(1)])).toEqual([
      'a version was read with other contents than committed',
    ]);
  });

  it('finds a version that was read before it was written', () => {
    const history = new History();
    history.read(operation(1), unknown, seen(1));
    const later = { ...committed(1), writtenAtMs: Date.now() + 1_000 };
    expect(rulesOf(history, [later])).toEqual(['a version was read before it was written']);
  });

  it('finds an acknowledged write that is not in the database', () => {
    const history = new History();
    history.write(operation(2), null);
    expect(rulesOf(history, [committed(1)])).toEqual([
      'an acknowledged write is not in the database',
    ]);
  });

  it('finds stock that moved by another amount than acknowledged', () => {
    const history = new History();
    history.write(operation(2), seen(2, { stock: 3 }), 1);
    expect(rulesOf(history, [committed(1), committed(2, { stock: 3 })])).toEqual([
      'stock moved by another amount than acknowledged',
    ]);
  });

  it('finds negative stock, missing versions, and a table that holds another row', () => {
    const history = new History();
    expect(rulesOf(history, [committed(1, { stock: -1 })])).toEqual(['stock is negative']);
    expect(rulesOf(history, [committed(1), committed(3)])).toContain('a version is missing');
    expect(audit(history, [committed(1)], []).map(({ rule }) => rule)).toEqual([
      'the table does not hold the last version',
    ]);
  });

  it('finds a page that lacks a product of its category', () => {
    const history = new History();
    history.write(operation(1), seen(1));
    pageOf(history, []);
    expect(rulesOf(history, [committed(1)])).toEqual(['a page lacks a product of its category']);
  });

  it('finds a page that holds a product which had moved away before', () => {
    const history = new History();
    history.write(operation(2), seen(2, { categoryId: 2 }));
    pageOf(history, [1]);
    expect(rulesOf(history, [committed(1), committed(2, { categoryId: 2 })])).toEqual([
      'a page holds a product of another category',
    ]);
  });

  it('lets a page hold or lack a product that moves while it is asked for', () => {
    for (const ids of [[], [1]]) {
      const history = new History();
      history.write(operation(1), seen(1));
      pageOf(history, ids);
      expect(rulesOf(history, [committed(1), committed(2, { categoryId: 2 })])).toEqual([]);
    }
  });

  it('finds a page out of order', () => {
    const history = new History();
    history.write(operation(1), seen(1));
    history.write(operation(1, 2), seen(1, { id: 2, name: 'lamp 000' }));
    pageOf(history, [1, 2]);
    expect(rulesOf(history, [committed(1), committed(1, { name: 'lamp 000' }, 2)])).toEqual([
      'a page is out of order',
    ]);
  });
});
