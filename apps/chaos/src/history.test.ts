import { describe, expect, it } from 'vitest';
import type { Change } from './change.ts';
import { History, type Seen } from './history.ts';
import type { Operation } from './operation.ts';

const price: Change = { kind: 'update', fields: { price: '1.00' } };
const removal: Change = { kind: 'delete' };

function seen(version: number, more: Partial<Seen> = {}): Seen {
  const row = { sku: 'A', name: 'lamp 001', price: '1.00', stock: 1, categoryId: 1 };
  return { id: 1, version, ...row, ...more };
}

function operation(version: number | null, what = 'byId'): Operation {
  return { what, productId: 1, version, beganMs: 0, endedMs: 1 };
}

function writePrice(history: History, version: number, moment = history.now): void {
  history.write(
    { operation: operation(version, 'updatePrice'), change: price },
    moment,
    seen(version),
  );
}

/** A history in which version 2 was acknowledged. */
function atVersionTwo(): History {
  const history = new History();
  writePrice(history, 2);
  return history;
}

function rules({ violations }: History): string[] {
  return violations.map(({ rule }) => rule);
}

describe('what clients were told', () => {
  it('may be newer than what was known, and may be old if it was asked before', () => {
    const history = new History();
    const before = history.now;
    writePrice(history, 2);
    history.read(operation(1), before, seen(1));
    history.read(operation(3), history.now, seen(3));
    expect(rules(history)).toEqual([]);
    expect(history.checkedReads).toBe(2);
  });

  it('is a stale read if it is older than an acknowledged write, and names both', () => {
    const history = atVersionTwo();
    history.read(operation(1), history.now, seen(1));
    expect(rules(history)).toEqual(['stale read']);
    expect(history.violations[0]?.history.map(({ what }) => what)).toEqual(['updatePrice', 'byId']);
  });

  it('is a stale read if it is older than what another reader got', () => {
    const history = new History();
    history.read(operation(5), history.now, seen(5));
    history.read(operation(4), history.now, seen(4));
    expect(rules(history)).toEqual(['stale read']);
  });

  it('is held against what was known when it was asked, however late it is answered', () => {
    const history = atVersionTwo();
    const asked = history.now;
    writePrice(history, 3);
    history.read(operation(2), asked, seen(2));
    expect(rules(history)).toEqual([]);
    history.read(operation(1), asked, seen(1));
    expect(rules(history)).toEqual(['stale read']);
  });

  it('must not say that a product does not exist which does', () => {
    const history = new History();
    history.read(operation(null), history.now, null);
    expect(rules(history)).toEqual([]);
    history.write({ operation: operation(1, 'create'), change: price }, history.now, seen(1));
    history.read(operation(null), history.now, null);
    expect(rules(history)).toEqual(['a product that exists was said not to']);
  });

  it('may say so once a delete has begun, and then nobody may see the product again', () => {
    const history = atVersionTwo();
    history.deleteBegins(1);
    history.read(operation(2), history.now, seen(2));
    history.read(operation(null), history.now, null);
    expect(rules(history)).toEqual([]);
    history.read(operation(2), history.now, seen(2));
    expect(rules(history)).toEqual(['a deleted product came back']);
  });

  it('must not show a product after its delete was acknowledged', () => {
    const history = atVersionTwo();
    history.deleteBegins(1);
    const change = removal;
    history.write({ operation: operation(3, 'delete'), change }, history.now, null);
    history.read(operation(null), history.now, null);
    history.read(operation(2), history.now, seen(2));
    expect(rules(history)).toEqual(['a deleted product came back']);
  });

  it('must not give one version two contents', () => {
    const history = atVersionTwo();
    history.read(operation(2), history.now, seen(2, { price: '9.00' }));
    expect(rules(history)).toEqual(['one version, two contents']);
  });

  it('must be of the product that was asked for', () => {
    const history = atVersionTwo();
    history.read(operation(2), history.now, seen(2, { id: 7 }));
    expect(rules(history)).toEqual(['another product was answered']);
  });
});

describe('what writers were told', () => {
  it('may be any version that nobody knew when they asked', () => {
    const history = atVersionTwo();
    const asked = history.now;
    writePrice(history, 4, asked);
    writePrice(history, 3, asked);
    expect(rules(history)).toEqual([]);
  });

  it('must not be a version that was known before', () => {
    const history = atVersionTwo();
    writePrice(history, 2);
    expect(rules(history)).toEqual(['a write was acknowledged with a version known before']);
  });

  it('must not be of a product that was known to be gone', () => {
    const history = atVersionTwo();
    history.deleteBegins(1);
    const change = removal;
    history.write({ operation: operation(3, 'delete'), change }, history.now, null);
    writePrice(history, 4);
    expect(rules(history)).toEqual(['a write to a deleted product was acknowledged']);
  });

  it('must not be told otherwise when they repeat what was acknowledged', () => {
    const history = atVersionTwo();
    history.repeatedOtherwise(operation(2, 'updatePrice'), 'version 2, then version 3');
    expect(rules(history)).toEqual(['a repeated write was answered otherwise than at first']);
  });
});
