import { describe, expect, it } from 'vitest';
import { checkHistory, type Operation } from './history.ts';

function operation(
  kind: Operation['kind'],
  version: number,
  [beganMs, endedMs]: [number, number],
): Operation {
  return { kind, key: 'k', version, beganMs, endedMs };
}

describe('checkHistory', () => {
  it('accepts an old version while the write of the new one is under way', () => {
    expect(checkHistory([operation('write', 2, [0, 10]), operation('read', 1, [1, 2])])).toEqual(
      [],
    );
  });

  it('finds a read that is older than a write acknowledged before it began', () => {
    const stale = operation('read', 1, [11, 12]);
    expect(checkHistory([stale, operation('write', 2, [0, 10])])).toEqual([
      { type: 'stale', operation: stale, against: 2 },
    ]);
  });

  it('finds a read that is older than what another read had returned before it began', () => {
    const stale = operation('read', 1, [5, 6]);
    const history = [operation('write', 2, [0, 10]), operation('read', 2, [3, 4]), stale];
    expect(checkHistory(history)).toEqual([{ type: 'stale', operation: stale, against: 2 }]);
  });

  it('finds a read of a version whose write had not begun', () => {
    const premature = operation('read', 2, [1, 2]);
    expect(checkHistory([premature, operation('write', 2, [3, 4])])).toEqual([
      { type: 'premature', operation: premature, against: 3 },
    ]);
  });

  it('keeps keys apart', () => {
    const other = { ...operation('read', 1, [11, 12]), key: 'other' };
    expect(checkHistory([operation('write', 2, [0, 10]), other])).toEqual([]);
  });
});
