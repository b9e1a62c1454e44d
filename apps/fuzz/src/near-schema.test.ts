import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hints } from './catalogue.ts';
import { hostileStructure, prototypeKeys } from './hostile-values.ts';
import { jsonText } from './json-text.ts';
import { attacking, bounding, fitting, slipping } from './near-schema.ts';
import { type JsonSchema, procedures } from './procedures.ts';

const seed = 20_261_127;
const numRuns = 400;

const product: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'integer', minimum: 1, maximum: 10 },
    name: { type: 'string', minLength: 1, maxLength: 3 },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, maxItems: 2 },
  },
  required: ['id'],
};

function sample(values: fc.Arbitrary<unknown>): readonly unknown[] {
  return fc.sample(values, { seed, numRuns });
}

const fits = z.strictObject({
  id: z.int().min(1).max(10),
  name: z.string().min(1).max(3).optional(),
  tags: z
    .array(z.string().regex(/^[a-z]+$/))
    .max(2)
    .optional(),
});

function isFitting(value: unknown): boolean {
  return fits.safeParse(value).success;
}

describe('inputs', () => {
  it('are made for every procedure of the router, of each kind', () => {
    expect(procedures.length).toBeGreaterThan(15);
    expect(new Set(procedures.map(({ type }) => type))).toContain('mutation');
    expect(procedures.find(({ name }) => name === 'product.update')?.input?.required).toEqual([
      'id',
    ]);
    expect(procedures.find(({ name }) => name === 'cache.reset')?.input).toBeUndefined();
  });

  it('fit the schema where they are meant to, all of them', () => {
    expect(sample(fitting(product, {})).filter((value) => !isFitting(value))).toEqual([]);
  });

  it('stand at the bounds of the schema and just beyond each', () => {
    const ids = new Set(sample(bounding(product, {})).map((value) => Object(value).id));
    expect([...ids].sort((one, other) => one - other)).toEqual(
      expect.arrayContaining([0, 1, 2, 9, 10, 11]),
    );
  });

  it('slip in a field, at any depth, or in an unknown one, and most of them do', () => {
    const slipped = sample(slipping(product, {}));
    const broken = slipped.filter((value) => !isFitting(value));
    expect(broken.length).toBeGreaterThan(numRuns / 2);
    const tags = slipped.flatMap((value) => {
      const some: unknown = Object(value).tags;
      return Array.isArray(some) ? some : [];
    });
    expect(tags.some((tag) => typeof tag === 'string' && /^[a-z]+[^a-z]/.test(tag))).toBe(true);
    expect(slipped.some((value) => Object(value).id === undefined)).toBe(true);
  });

  it('carry hostile texts in every field, behind what a pattern asks for', () => {
    const [url, plain] = [
      { type: 'string', pattern: String.raw`^https?:\/\/\S+$` },
      { type: 'string' },
    ];
    const urls = sample(attacking(url)).map(String);
    expect(urls.some((text) => /^https?:\/\/.*\0/s.test(text))).toBe(true);
    expect(urls.some((text) => /^https?:\/\//.test(text) && !text.isWellFormed())).toBe(true);
    const texts = sample(attacking(plain)).map(String);
    expect(texts.some((text) => text.includes('DROP TABLE'))).toBe(true);
  });

  it('are text that has members of any name, and numbers that JavaScript has not', () => {
    const texts = sample(fc.oneof(prototypeKeys, hostileStructure, fitting(product, hints))).map(
      jsonText,
    );
    expect(texts.some((text) => text.includes('"__proto__":'))).toBe(true);
    expect(jsonText(Object.fromEntries([['__proto__', { a: 1 }]]))).toBe('{"__proto__":{"a":1}}');
    expect(jsonText({ a: undefined, b: [undefined, '\ud800'] })).toBe('{"b":[null,"\\ud800"]}');
  });
});
