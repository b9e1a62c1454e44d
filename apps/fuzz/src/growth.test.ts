import { expect, test } from 'vitest';
import { growth } from './growth.ts';

const calm = { heapBytes: 60e6, residentBytes: 200e6, handles: 20, descriptors: 40 };

test('what goes up and down is no growth, and one figure is none', () => {
  expect(growth([])).toBeUndefined();
  expect(growth([calm])).toBeUndefined();
  expect(
    growth([calm, { ...calm, heapBytes: 400e6 }, calm, { ...calm, heapBytes: 400e6 }, calm]),
  ).toBeUndefined();
});

test.each(['heapBytes', 'residentBytes', 'handles', 'descriptors'] as const)(
  'what never comes back is growth, and it is told of what: %s',
  (what) => {
    const later = { ...calm, [what]: calm[what] * 5 };
    expect(growth([calm, calm, later, later])).toContain(what);
  },
);
