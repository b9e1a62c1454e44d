import { describe, expect, it } from 'vitest';
import { History, type Operation, type Seen } from './history.ts';

function seen(version: number, more: Partial<Seen> = {}): Seen {
  const row = { sku: 'A', name: 'lamp 001', price: '1.00', stock: 1, categoryId: 1 };
  return { id: 1, version, ...row, ...more };
}

function operation(version: number | null, what = 'byId'): Operation {
  return { what, productId: 1, version, beganMs: 0, endedMs: 1 };
}

/** A history in which version 2 was acknowledged. */
function atVersionTwo(): History {
  const history = new History();
  history.write(operation(2, 'updatePrice'), seen(2));
  return history;
}

function rules({ violations }: History): string[] {
  return violations.map(({ rule }) => rule);
}

function floorOf(history: History) {
  const floor = history.floors([1]).get(1);
  if (floor === undefined) throw new Error('Nothing is known of product 1.');
  return floor;
}

describe('what clients were told', () => {
  it('may be newer than what was known, and may be old if it was asked before', () => {
    const history = new History();
    const before = floorOf(history);
    history.write(operation(2, 'updatePrice'), seen(2));
    history.read(operation(1), before, seen(1));
    history.read(operation(3), floorOf(history), seen(3));
    expect(rules(history)).toEqual([]);
    expect(history.checkedReads).toBe(2);
  });

  it('is a stale read if it is older than an acknowledged write, and names both', () => {
    const history = atVersionTwo();
    history.read(operation(1), floorOf(history), seen(1));
    expect(rules(history)).toEqual(['stale read']);
    expect(history.violations[0]?.history.map(({ what }) => what)).toEqual(['updatePrice', 'byId']);
  });

  it('is a stale read if it is older than what another reader got', () => {
    const history = new History();
    history.read(operation(5), floorOf(history), seen(5));
    history.read(operation(4), floorOf(history), seen(4));
    expect(rules(history)).toEqual(['stale read']);
  });

  it('must not say that a product does not exist which does', () => {
    const history = atVersionTwo();
    history.read(operation(null), floorOf(history), null);
    expect(rules(history)).toEqual(['a product that exists was said not to']);
  });

  it('may say so once a delete has begun, and then nobody may see the product again', () => {
    const history = atVersionTwo();
    history.deleteBegins(1);
    history.read(operation(2), floorOf(history), seen(2));
    history.read(operation(null), floorOf(history), null);
    expect(rules(history)).toEqual([]);
    history.read(operation(2), floorOf(history), seen(2));
    expect(rules(history)).toEqual(['a deleted product came back']);
  });

  it('must not show a product after its delete was acknowledged', () => {
    const history = atVersionTwo();
    history.deleteBegins(1);
    history.write(operation(3, 'delete'), null);
    history.read(operation(null), floorOf(history), null);
    history.read(operation(2), floorOf(history), seen(2));
    expect(rules(history)).toEqual(['a deleted product came back']);
  });

  it('must not give one version two contents', () => {
    const history = atVersionTwo();
    history.read(operation(2), floorOf(history), seen(2, { price: '9.00' }));
    expect(rules(history)).toEqual(['one version, two contents']);
  });
});
