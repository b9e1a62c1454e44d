import { describe, expect, it } from 'vitest';
import type { Committed, Content } from './audit-trail.ts';
import { audit } from './audit.ts';
import type { Change } from './change.ts';
import { History, type Seen } from './history.ts';
import type { Operation } from './operation.ts';

const content: Content = { sku: 'A', name: 'lamp 001', price: '1.00', stock: 1, categoryId: 1 };
const creation: Change = { kind: 'create', content };
const removal: Change = { kind: 'delete' };
const times = { what: 'test', beganMs: 0, endedMs: 1 };

function adjusting(delta: number): Change {
  return { kind: 'adjust-stock', delta };
}

function updating(fields: Partial<Content>): Change {
  return { kind: 'update', fields };
}

function upserting(fields: Partial<Content>): Change {
  const { sku, name, price, categoryId } = { ...content, ...fields };
  return { kind: 'upsert', fields: { sku, name, price, categoryId } };
}

/** Product 1 at a version, or another; null: deleted. */
function committed(version: number, more: Partial<Content> | null = {}, id = 1): Committed {
  const row = more === null ? null : { ...content, ...more };
  return { id, version, row, committedAtMs: 0 };
}

function write(history: History, { id, version, row }: Committed, change: Change): void {
  const operation: Operation = { ...times, productId: id, version };
  if (row === null) history.deleteBegins(id);
  history.write({ operation, change }, history.now, row && { id, version, ...row });
}

function read(history: History, seen: Seen): void {
  history.read({ ...times, productId: seen.id, version: seen.version }, history.now, seen);
}

/** A history in which product 1 was created. */
function created(): History {
  const history = new History();
  write(history, committed(1), creation);
  return history;
}

/** The rules broken by a history beside a trail whose last rows are also those of the table. */
function rulesOf(history: History, trail: readonly Committed[]): string[] {
  const last = new Map(trail.map((version) => [version.id, version]));
  const stored = [...last.values()].filter((version) => version.row !== null);
  return audit(history, trail, stored).violations.map(({ rule }) => rule);
}

function pageOf(history: History, ids: readonly number[], isTurned = false): void {
  const { now: moment } = history;
  history.page({ categoryId: 1, times, endedAtMs: Date.now(), moment, isTurned, ids });
}

describe('the audit of a write of several products by their SKUs', () => {
  const renamed = { name: 'lamp 002', categoryId: 2 };

  it('finds nothing where each version is what was asked for, of a product that was and of one that was not', () => {
    const history = created();
    write(history, committed(2, { ...renamed }), upserting(renamed));
    const other = committed(1, { sku: 'B', stock: 0 }, 2);
    write(history, other, upserting({ sku: 'B' }));
    expect(rulesOf(history, [committed(1), committed(2, renamed), other])).toEqual([]);
  });

  it('finds one product that was written otherwise, and one that was not written', () => {
    const history = created();
    write(history, committed(2, renamed), upserting(renamed));
    const halfway = committed(2, { name: 'lamp 002' });
    expect(rulesOf(history, [committed(1), halfway])).toEqual(
      expect.arrayContaining(['an acknowledged write did something else']),
    );
    expect(rulesOf(history, [committed(1)])).toContain(
      'an acknowledged write is not in the database',
    );
  });

  it('explains versions by one of unknown outcome, each once, whatever the id of the product is', () => {
    const history = created();
    history.writeOpen({ times, productId: undefined, change: upserting(renamed) });
    const made = [committed(1), committed(2, renamed)];
    expect(rulesOf(history, made)).toEqual([]);
    expect(rulesOf(history, [...made, committed(3, renamed)])).toEqual([
      'a version that no write explains',
    ]);
    const anew = committed(1, { ...renamed, stock: 0 }, 2);
    expect(rulesOf(history, [committed(1), anew])).toEqual([]);
  });

  it('finds one of unknown outcome of which one product was written and another was not', () => {
    const [first, second] = [committed(2, renamed), committed(1, { sku: 'B', stock: 0 }, 2)];
    const half = ['a write of several products was made in part'];
    for (const [made, rules] of [
      [[], []],
      [[first], half],
      [[second], half],
      [[first, second], []],
    ] as const) {
      const history = created();
      for (const fields of [renamed, { sku: 'B' }]) {
        history.writeOpen({ times, productId: undefined, change: upserting(fields) });
      }
      // Another call, which was not made.
      const other = { ...times };
      history.writeOpen({ times: other, productId: undefined, change: upserting({ sku: 'C' }) });
      expect(rulesOf(history, [committed(1), ...made])).toEqual(rules);
    }
  });
});

describe('the audit', () => {
  it('finds nothing where clients were told what was committed', () => {
    const history = created();
    write(history, committed(2, { stock: 4 }), adjusting(3));
    read(history, { id: 1, version: 2, ...content, stock: 4 });
    pageOf(history, [1]);
    write(history, committed(3, null), removal);
    history.read({ ...times, productId: 1, version: null }, history.now, null);
    pageOf(history, []);
    const trail = [committed(1), committed(2, { stock: 4 }), committed(3, null)];
    expect(rulesOf(history, trail)).toEqual([]);
    expect(history.violations).toEqual([]);
  });

  it('finds a version that was read and never committed', () => {
    const history = created();
    read(history, { id: 1, version: 2, ...content });
    expect(rulesOf(history, [committed(1)])).toEqual([
      'a version was read that was never committed',
    ]);
  });

  it('finds contents that were never committed', () => {
    const history = new History();
    history.writeOpen({ times, productId: undefined, change: creation });
    read(history, { id: 1, version: 1, ...content, price: '2.00' });
    expect(rulesOf(history, [committed(1)])).toEqual([
      'a version was read with other contents than committed',
    ]);
  });

  it('finds a version that was read before it was committed', () => {
    const later = { ...committed(1), committedAtMs: Date.now() + 1_000 };
    expect(rulesOf(created(), [later])).toEqual(['a version was read before it was committed']);
  });

  it('finds a product that was said to be gone before that was committed, or never was', () => {
    const history = created();
    history.deleteBegins(1);
    history.read({ ...times, productId: 1, version: null }, history.now, null);
    history.writeOpen({ times, productId: 1, change: removal });
    const rule = 'a product was said to be gone before that was committed';
    expect(rulesOf(history, [committed(1)])).toEqual([rule]);
    const later = { ...committed(2, null), committedAtMs: Date.now() + 1_000 };
    expect(rulesOf(history, [committed(1), later])).toEqual([rule]);
  });

  it('finds an acknowledged write that is not in the database', () => {
    const history = created();
    write(history, committed(2, null), removal);
    expect(rulesOf(history, [committed(1)])).toContain(
      'an acknowledged write is not in the database',
    );
  });

  it('finds two writes that were acknowledged with one version', () => {
    const history = created();
    const before = history.now;
    for (const stock of [4, 4]) {
      const operation = { ...times, productId: 1, version: 2 };
      const seen = { id: 1, version: 2, ...content, stock };
      history.write({ operation, change: adjusting(3) }, before, seen);
    }
    expect(rulesOf(history, [committed(1), committed(2, { stock: 4 })])).toEqual([
      'two writes were acknowledged with one version',
      'stock does not add up',
    ]);
  });

  it('finds stock that moved by another amount than acknowledged', () => {
    const history = created();
    write(history, committed(2, { stock: 3 }), adjusting(1));
    expect(rulesOf(history, [committed(1), committed(2, { stock: 3 })])).toEqual([
      'an acknowledged write did something else',
      'stock does not add up',
    ]);
  });

  it('finds a change of one field that undid another', () => {
    const history = created();
    write(history, committed(2, { name: 'lamp 002' }), updating({ name: 'lamp 002' }));
    write(history, committed(3, { price: '2.00' }), updating({ price: '2.00' }));
    const trail = [
      committed(1),
      committed(2, { name: 'lamp 002' }),
      committed(3, { price: '2.00' }),
    ];
    expect(rulesOf(history, trail)).toEqual(['an acknowledged write did something else']);
  });

  it('takes a version that nobody acknowledged for a write of unknown outcome, once', () => {
    const history = created();
    history.writeOpen({ times, productId: 1, change: adjusting(2) });
    history.writeOpen({ times, productId: 1, change: updating({ price: '2.00' }) });
    const once = [committed(1), committed(2, { stock: 3 })];
    expect(rulesOf(history, once)).toEqual([]);
    expect(audit(history, once, [committed(2, { stock: 3 })])).toMatchObject({
      openWritesMade: 1,
      stock: { created: 1, acknowledged: 0, resolved: 2, deleted: 0, stored: 3 },
    });
    expect(rulesOf(history, [...once, committed(3, { stock: 5 })])).toEqual([
      'a version that no write explains',
      'stock does not add up',
    ]);
  });

  it('finds for each version a write of its own where there is a way to', () => {
    const history = created();
    // Either of them can have made version 2, and only the first one version 3.
    history.writeOpen({ times, productId: 1, change: updating({ price: '1.00' }) });
    history.writeOpen({ times, productId: 1, change: updating({ categoryId: 1 }) });
    history.writeOpen({ times, productId: 1, change: updating({ price: '2.00' }) });
    const trail = [committed(1), committed(2), committed(3, { price: '2.00' }), committed(4)];
    expect(rulesOf(history, trail)).toEqual([]);
  });

  it('finds a write that was refused and made all the same', () => {
    expect(rulesOf(created(), [committed(1), committed(2, { price: '2.00' })])).toEqual([
      'a version that no write explains',
    ]);
  });

  it('finds negative stock, missing versions, and a table that holds another row', () => {
    const history = created();
    write(history, committed(2, { stock: -1 }), adjusting(-2));
    expect(rulesOf(history, [committed(1), committed(2, { stock: -1 })])).toEqual([
      'stock is negative',
    ]);
    expect(rulesOf(created(), [committed(1), committed(3)])).toContain('a version is missing');
    const rule = 'the table does not hold the last version';
    const found = (stored: Committed[]) =>
      audit(created(), [committed(1)], stored).violations.map((violation) => violation.rule);
    expect(found([])).toContain(rule);
    expect(found([committed(2)])).toContain(rule);
    expect(found([committed(1), committed(1, {}, 2)])).toContain(rule);
  });
});

describe('the audit of categories', () => {
  const moved = committed(2, { categoryId: 2 });
  const move = updating({ categoryId: 2 });

  it('finds a page that lacks a product of its category', () => {
    const history = created();
    pageOf(history, []);
    expect(rulesOf(history, [committed(1)])).toEqual(['a page lacks a product of its category']);
  });

  it('finds a page that lacks a product which had moved here before', () => {
    const history = new History();
    const elsewhere = { ...content, categoryId: 2 };
    write(history, committed(1, elsewhere), { kind: 'create', content: elsewhere });
    write(history, committed(2), updating({ categoryId: 1 }));
    pageOf(history, []);
    expect(rulesOf(history, [committed(1, elsewhere), committed(2)])).toEqual([
      'a page lacks a product of its category',
    ]);
  });

  it('finds a page that holds a product which had moved away before', () => {
    const history = created();
    write(history, moved, move);
    pageOf(history, [1]);
    expect(rulesOf(history, [committed(1), moved])).toEqual([
      'a page holds a product of another category',
    ]);
  });

  it('lets a page hold or lack a product that moves while it is asked for', () => {
    for (const ids of [[], [1]]) {
      const history = created();
      pageOf(history, ids);
      write(history, moved, move);
      expect(rulesOf(history, [committed(1), moved])).toEqual([]);
    }
  });

  it('lets a page lack a product that was created meanwhile, or is gone', () => {
    const history = new History();
    pageOf(history, []);
    write(history, committed(1), creation);
    write(history, committed(2, null), removal);
    pageOf(history, []);
    expect(rulesOf(history, [committed(1), committed(2, null)])).toEqual([]);
  });

  it('finds a category without a product that nobody renamed while its pages were turned', () => {
    for (const [isTurned, rules] of [
      [true, []],
      [false, ['a page lacks a product of its category']],
    ] as const) {
      const history = created();
      pageOf(history, [], isTurned);
      write(history, committed(2, { name: 'lamp 002' }), updating({ name: 'lamp 002' }));
      expect(rulesOf(history, [committed(1), committed(2, { name: 'lamp 002' })])).toEqual(rules);
    }
    const history = created();
    pageOf(history, [], true);
    expect(rulesOf(history, [committed(1)])).toEqual(['a page lacks a product of its category']);
  });

  it('finds a page out of order', () => {
    const history = created();
    const other = { ...content, sku: 'B', name: 'lamp 000' };
    write(history, committed(1, other, 2), { kind: 'create', content: other });
    pageOf(history, [1, 2]);
    expect(rulesOf(history, [committed(1), committed(1, other, 2)])).toEqual([
      'a page is out of order',
    ]);
  });
});
