import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { EncodedJson } from './encoded-json.ts';

const json = fc.jsonValue();
/** What JSON makes of it: it knows no negative zero. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe('encoded JSON', () => {
  it('is for JSON.stringify the value that it holds', () => {
    fc.assert(
      fc.property(json, (value) => {
        const encoded = EncodedJson.of(value);
        expect(encoded.bytes.toString()).toBe(JSON.stringify(value));
        expect(throughJson({ data: encoded })).toEqual(throughJson({ data: value }));
      }),
    );
  });

  it('is joined to the very bytes that JSON.stringify makes of the whole', () => {
    fc.assert(
      fc.property(fc.array(json), json, json, (items, one, other) => {
        const array = EncodedJson.array(items.map((item) => EncodedJson.of(item)));
        expect(array.bytes.toString()).toBe(JSON.stringify(items));
        const members = {
          items: array,
          'the "other"': EncodedJson.of(other),
          one: EncodedJson.of(one),
        };
        const whole = { items, 'the "other"': other, one };
        expect(EncodedJson.object(members).bytes.toString()).toBe(JSON.stringify(whole));
      }),
    );
    expect(EncodedJson.object({}).bytes.toString()).toBe('{}');
  });

  it('has the type of what it holds', () => {
    const page = EncodedJson.object<{ items: (string | null)[]; next: number }>({
      items: EncodedJson.array([EncodedJson.of('a'), EncodedJson.of(null)]),
      next: EncodedJson.of(1),
    });
    expectTypeOf(page.toJSON()).toEqualTypeOf<{ items: (string | null)[]; next: number }>();
    expect(page.toJSON()).toEqual({ items: ['a', null], next: 1 });
  });
});
