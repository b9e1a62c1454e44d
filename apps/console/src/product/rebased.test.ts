import { expect, test } from 'vitest';
import { rebased } from './rebased.ts';

const before = { name: 'Lamp', description: 'Old.', categoryId: 1 };

test('what is typed is kept, and what others have changed beside it is taken', () => {
  const typed = { ...before, name: 'Lantern' };
  const after = { ...before, description: 'New.', categoryId: 2 };
  expect(rebased(typed, before, after)).toEqual({
    name: 'Lantern',
    description: 'New.',
    categoryId: 2,
  });
});

test('a field that both have changed stays as it is typed', () => {
  const after = { ...before, name: 'Torch' };
  expect(rebased({ ...before, name: 'Lantern' }, before, after).name).toBe('Lantern');
});

test('once all that is typed is saved nothing is left of it', () => {
  const sent = { price: ' 24.9' };
  expect(rebased(sent, sent, { price: '24.90' })).toEqual({ price: '24.90' });
});
