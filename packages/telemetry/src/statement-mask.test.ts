import { describe, expect, it } from 'vitest';
import { createStatementMask } from './statement-mask.ts';

const mask = await createStatementMask();

describe('a masked statement', () => {
  it.each([
    [
      "SELECT * FROM t WHERE name = 'Ada''s' AND n > 12",
      'SELECT * FROM t WHERE name = ? AND n > ?',
    ],
    ["SELECT E'it\\'s', U&'caf\\00e9', b'01', x'ff', 1.5e3", 'SELECT ?, ?, ?, ?, ?'],
    ['SELECT $$secret$$, $tag$secret $$ too$tag$', 'SELECT ?, ?'],
    ['SELECT \'é\', "ß" /* secret */ FROM t -- secret', 'SELECT ?, "ß" FROM t'],
    ['SELECT id FROM t\n  WHERE id = ANY($1::int[])', 'SELECT id FROM t WHERE id = ANY($1::int[])'],
    ['COMMIT', 'COMMIT'],
  ])('of %j is %j', (text, masked) => {
    expect(mask(text)).toBe(masked);
    expect(mask(text), 'when it is remembered').toBe(masked);
  });

  it('shows nothing of what cannot be read, or is too long to be', () => {
    expect(mask("SELECT 'secret")).toBe('(unreadable)');
    expect(mask(`SELECT ${'1, '.repeat(10_000)}1`)).toBe('(too long)');
  });

  it('is right after more statements than are remembered', () => {
    for (let n = 0; n < 2_000; n += 1)
      expect(mask(`SELECT c${n} = 'v${n}'`)).toBe(`SELECT c${n} = ?`);
  });
});
