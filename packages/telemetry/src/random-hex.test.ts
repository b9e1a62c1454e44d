import { expect, it } from 'vitest';
import { randomHex } from './random-hex.ts';

it('draws other digits each time, two for each byte, across the draws of its bytes', () => {
  const drawn = Array.from({ length: 2_000 }, () => randomHex(16));
  expect(new Set(drawn).size).toBe(drawn.length);
  for (const hex of drawn) expect(hex).toMatch(/^[0-9a-f]{32}$/);
});
