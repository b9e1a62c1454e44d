import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ChangeSummary } from './change-summary.ts';
import type { Product } from '../service/trpc.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function productOf(id: number, version = 2): Product {
  return {
    id,
    version,
    sku: `SKU-${id}`,
    name: `Product ${id}`,
    description: '',
    price: '1.00',
    stock: 1,
    categoryId: 1,
    category: { id: 1, name: 'Lamps', slug: 'lamps' },
    images: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

test('under traffic a sentence comes every few seconds, and leaves nothing out', () => {
  const told: string[] = [];
  using summary = new ChangeSummary(
    (sentence) => told.push(sentence),
    () => true,
  );
  for (let second = 0; second < 10; second += 1) {
    summary.note(productOf(1, second + 2));
    vi.advanceTimersByTime(500);
    summary.note(productOf(second + 2));
    vi.advanceTimersByTime(500);
  }
  expect(told).toEqual([
    'Product 1 changed: price 1.00, stock 1, version 2.',
    '6 products changed.',
  ]);
  vi.advanceTimersByTime(5_000);
  expect(told.at(-1)).toBe('6 products changed.');
  expect(told).toHaveLength(3);
});

test('a change after a while is told at once', () => {
  const told: string[] = [];
  using summary = new ChangeSummary(
    (sentence) => told.push(sentence),
    () => true,
  );
  summary.note(productOf(1, 2));
  vi.advanceTimersByTime(10_000);
  summary.note(productOf(1, 3));
  vi.advanceTimersByTime(200);
  expect(told).toHaveLength(2);
});

test('what is not on the screen is not told, and lets nothing else wait', () => {
  const told: string[] = [];
  using summary = new ChangeSummary(
    (sentence) => told.push(sentence),
    ({ id }) => id === 2,
  );
  summary.note(productOf(1));
  vi.advanceTimersByTime(200);
  expect(told).toEqual([]);
  for (const id of [1, 2]) summary.note(productOf(id));
  vi.advanceTimersByTime(200);
  expect(told).toEqual(['Product 2 changed: price 1.00, stock 1, version 2.']);
});
