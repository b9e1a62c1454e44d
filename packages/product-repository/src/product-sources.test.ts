import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { categorySchema } from './category.ts';
import { productSchema } from './product.ts';
import { cachedSchema } from './product-sources.ts';
import { categoryPositionSchema } from './statements/index.ts';

/** What stood in the cache with each number, as a hash: a release reads entries of its own number without a check. */
const shapes: Readonly<Record<number, string>> = {
  1: '12ff22ed8455c460',
};

test('whoever changes what is cached raises its number, so that no release takes the other shape for its own', () => {
  const shape = [productSchema, categoryPositionSchema, categorySchema].map((schema) =>
    z.toJSONSchema(schema),
  );
  const hash = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
  const newest = Math.max(...Object.keys(shapes).map(Number));
  expect({ number: cachedSchema, hash }).toEqual({ number: newest, hash: shapes[newest] });
});
