import fc from 'fast-check';
import { hostileNumber, hostileText, hostileValue, prototypeKeys } from './hostile-values.ts';
import type { JsonSchema } from './procedures.ts';

/** Values that mean something to this catalogue, by the name of the field that they go into. */
export type Hints = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** What fits a schema as far as JSON Schema tells. */
export function fitting(schema: JsonSchema, hints: Hints): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map((each) => fitting(each, hints)));
  }
  switch (schema.type) {
    case 'object': {
      return fittingObject(schema, hints);
    }
    case 'array': {
      const { minItems: minLength = 0, maxItems: maxLength = 20 } = schema;
      const { items = {} } = schema;
      return fc.array(fitting(items, hints), { minLength, maxLength });
    }
    case 'integer': {
      const { minimum: min = -(2 ** 31), maximum: max = 2 ** 31 - 1 } = schema;
      return fc.oneof(fc.integer({ min, max: Math.min(max, min + 60) }), fc.integer({ min, max }));
    }
    case 'number': {
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    }
    case 'boolean': {
      return fc.boolean();
    }
    case 'string': {
      return fittingText(schema);
    }
    case undefined:
    default: {
      return fc.jsonValue();
    }
  }
}

function fittingObject({ properties = {}, required = [] }: JsonSchema, hints: Hints) {
  const members = Object.entries(properties).map(([name, schema]) => {
    const hint = hints[name];
    const fits = fitting(schema, hints);
    return [name, hint === undefined ? fits : fc.oneof({ weight: 4, arbitrary: hint }, fits)];
  });
  const all: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(members);
  return fc.record(all, { requiredKeys: [...required] });
}

function fittingText({ pattern, minLength = 0, maxLength = 200 }: JsonSchema) {
  if (pattern === undefined) {
    return fc.oneof(
      fc.string({ minLength, maxLength, unit: 'grapheme' }).map((text) => text.slice(0, maxLength)),
      hostileText.filter(({ length }) => length >= minLength && length <= maxLength),
    );
  }
  return fc
    .stringMatching(new RegExp(pattern), { size: 'small' })
    .map((text) => text.slice(0, maxLength));
}

/** At the bounds of a schema and just beyond them; the schema itself where it has none. */
export function bounding(schema: JsonSchema, hints: Hints): fc.Arbitrary<unknown> {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, items = {} } = schema;
  if (schema.properties !== undefined) {
    const members = Object.entries(schema.properties).map(([name, each]) => [
      name,
      fc.oneof(bounding(each, hints), hints[name] ?? fitting(each, hints)),
    ]);
    const all: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(members);
    return fc.record(all, { requiredKeys: [...(schema.required ?? [])] });
  }
  const numbers = [minimum, maximum].flatMap((bound) => around(bound));
  if (numbers.length > 0) return fc.constantFrom(...numbers);
  const lengths = [minLength, maxLength].flatMap((bound) => around(bound)).filter((n) => n >= 0);
  if (lengths.length > 0) {
    const unit = fc.constantFrom('a', 'é', '💥', ' ');
    return fc.tuple(unit, fc.constantFrom(...lengths)).map(([of, n]) => of.repeat(n).slice(0, n));
  }
  const counts = [minItems, maxItems].flatMap((bound) => around(bound)).filter((n) => n >= 0);
  if (counts.length === 0) return fitting(schema, hints);
  return fc
    .tuple(fitting(items, hints), fc.constantFrom(...counts))
    .map(([item, count]) => Array.from({ length: count }, () => item));
}

function around(bound: number | undefined): number[] {
  return bound === undefined ? [] : [bound - 1, bound, bound + 1];
}

/** Fits but for one field, at any depth, which is hostile, missing, or one that the schema does not know. */
export function slipping(schema: JsonSchema, hints: Hints): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return hostileValue;
  const known = fields.map(([name, each]) => ({
    weight: fieldsIn(each),
    arbitrary: named(name, slipped(each, hints)),
  }));
  const slip = fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...known) },
    { weight: 1, arbitrary: hostileText.chain((name) => named(name, hostileValue)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...fields).map(([name]): object => ({ [name]: undefined })),
    },
    { weight: 1, arbitrary: prototypeKeys },
  );
  return fc
    .tuple(fittingObject(schema, hints), slip)
    .map(([object, change]) =>
      Object.fromEntries([...Object.entries(object), ...Object.entries(change)]),
    );
}

function named(name: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  return values.map((value) => Object.fromEntries([[name, value]]));
}

function slipped(schema: JsonSchema, hints: Hints): fc.Arbitrary<unknown> {
  const { items } = schema;
  if (items === undefined) {
    const inner = schema.properties === undefined ? attacking(schema) : slipping(schema, hints);
    return fc.oneof(hostileValue, { weight: 3, arbitrary: inner });
  }
  const some = fc
    .tuple(fc.array(fitting(items, hints), { maxLength: 2 }), slipped(items, hints))
    .map(([before, last]) => before.concat([last]));
  return fc.oneof(hostileValue, { weight: 4, arbitrary: some });
}

/** How many a schema has, at any depth. */
export function fieldsIn({ properties, items }: JsonSchema): number {
  if (items !== undefined) return fieldsIn(items);
  if (properties === undefined) return 1;
  return Object.values(properties).reduce((sum, each) => sum + fieldsIn(each), 0);
}

/** Has the form that is asked for, and each text or number in it is meant to do harm. */
export function attacking(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties, items, type, required = [] } = schema;
  if (properties !== undefined) {
    const members = Object.entries(properties).map(([name, each]) => [name, attacking(each)]);
    const all: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(members);
    return fc.record(all, { requiredKeys: [...required] });
  }
  if (items !== undefined) return fc.array(attacking(items), { minLength: 1, maxLength: 4 });
  if (type === 'integer' || type === 'number') return fc.oneof(hostileNumber, hostileText);
  const begin = fc.constantFrom('', '', 'product:', 'a');
  if (schema.pattern === undefined) {
    return fc.tuple(begin, hostileText).map((both) => both.join(''));
  }
  // What a pattern lets through is behind what it asks for.
  const fits = fc.stringMatching(new RegExp(schema.pattern), { size: 'xsmall' });
  const [before, after] = [fc.oneof(fits, begin), fc.oneof(fc.constant(''), fits)];
  return fc.tuple(before, hostileText, after).map((all) => all.join(''));
}
