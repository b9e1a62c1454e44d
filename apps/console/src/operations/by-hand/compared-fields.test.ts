import { expect, test } from 'vitest';
import { comparedFields } from './compared-fields.ts';

const product = { id: 7, name: 'Hammer', images: ['a.png'] };

test('fields that are the same on both sides differ in nothing', () => {
  const fields = comparedFields(product, { ...product });
  expect(fields.map(({ name, isDifferent }) => [name, isDifferent])).toEqual([
    ['id', false],
    ['name', false],
    ['images', false],
  ]);
  expect(fields[2]).toMatchObject({ cached: '[\n  "a.png"\n]', stored: '[\n  "a.png"\n]' });
});

test('a field with another value, and one that one side lacks, differ', () => {
  const { images: _, ...row } = { ...product, name: 'Mallet' };
  const different = comparedFields(product, row).filter(({ isDifferent }) => isDifferent);
  expect(different).toEqual([
    { name: 'name', cached: 'Hammer', stored: 'Mallet', isDifferent: true },
    { name: 'images', cached: '[\n  "a.png"\n]', stored: null, isDifferent: true },
  ]);
});

test('an entry or a row that is not there contradicts nothing', () => {
  for (const [cached, stored] of [
    [product, null],
    [null, product],
    [null, null],
  ]) {
    expect(comparedFields(cached, stored).some(({ isDifferent }) => isDifferent)).toBe(false);
  }
});

test('what has no fields is shown as a whole', () => {
  expect(comparedFields('v17', { id: 3 })).toEqual([
    { name: 'all', cached: 'v17', stored: '{\n  "id": 3\n}', isDifferent: false },
  ]);
  expect(comparedFields(null, null)).toEqual([
    { name: 'all', cached: null, stored: null, isDifferent: false },
  ]);
});
