import fc from 'fast-check';
import { RawJson } from './json-text.ts';

/**
 * What others have broken services with. None of it looks like what `leaks.ts` looks for, as answers may repeat
 * what they were sent.
 */
const texts = [
  // For SQL.
  "'",
  '"',
  "'; DROP TABLE products; --",
  '"; DROP TABLE products CASCADE; --',
  "1'; DELETE FROM products; --",
  "\\'; UPDATE products SET price = 0; --",
  "' OR '1'='1",
  '1) OR (1=1',
  "'||(TRUNCATE products)||'",
  '$1',
  '$$',
  ':id',
  '%s%n',
  '!&|():*<->',
  'a:* & !b',
  '\\',
  // For keys and the protocol of Redis.
  '\r\nFLUSHALL\r\n',
  '*1\r\n$8\r\nFLUSHALL\r\n',
  'x\r\nSET pwned 1\r\n',
  '{1}',
  '{}',
  '}{',
  '*',
  '?',
  '[^a]',
  ':',
  '::1',
  'throughline:{0}:epoch',
  '{0}:pending',
  'product:1:*',
  'product:1\n',
  'product:01',
  'category:2147483648',
  'categories:all:1',
  // For texts, files, templates and browsers.
  '\0',
  'a\0b',
  '\ud800',
  'a\udfffb',
  '\udc00\ud800',
  '\u202eabc',
  '\u200f\u200e',
  '\ufeff',
  '\u2028',
  '\uffff',
  '\t\v\f',
  ' ',
  '\u00a0',
  'e\u0301'.repeat(60),
  'ﷺ'.repeat(20),
  'İßŉ',
  '💥',
  '👩‍👩‍👧‍👦',
  '../../etc/passwd',
  '%00',
  '%c0%ae',
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  'http://\0',
  'https://a\ud800',
  'data:image/\0',
  'javascript:alert(1)',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '1e309',
  '0.00',
  '-0.00',
  '9999999999.99',
  '10000000000.00',
  '1,00',
  '١.٠٠',
];

const lengths = [64, 65, 100, 101, 128, 129, 200, 201, 2_048, 2_049, 10_000, 10_001, 70_000];

const longText = fc
  .tuple(fc.constantFrom('a', ' ', '\0', "'", 'é', '💥', 'Z͑', '{'), fc.constantFrom(...lengths))
  .map(([unit, length]) => unit.repeat(length));

/** What a pattern of characters that are not blank lets through. */
const oddCharacter = fc.constantFrom('\0', '\ud800', '\udfff', '\uffff', '\u202e', "'", '\\');

export const hostileText = fc.oneof(
  { weight: 2, arbitrary: oddCharacter },
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: longText },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...texts), fc.constantFrom(...texts))
      .map((both) => both.join('')),
  },
);

const numbers = [
  0,
  -1,
  1,
  1.5,
  -2_147_483_648,
  -2_147_483_649,
  2_147_483_647,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  5e-324,
  Number.MAX_VALUE,
];

const numberTexts = [
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1e999',
  '-1e999',
  '-0',
  '1.0',
  '1e0',
  '10E-1',
  '0.1e1',
  '1e-400',
  `1${'0'.repeat(400)}`,
  // These are no JSON.
  'NaN',
  'Infinity',
  '-Infinity',
  '0x10',
  '01',
  '+1',
  '1.',
  '.5',
  '1_000',
  '1n',
  'undefined',
];

export const hostileNumber = fc.oneof(
  fc.constantFrom(...numbers),
  fc.constantFrom(...numberTexts).map((text) => new RawJson(text)),
  fc.double(),
  fc.integer(),
);

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'id'];

/** Members that JavaScript gives a meaning of its own. */
export const prototypeKeys: fc.Arbitrary<object> = fc.dictionary(
  fc.constantFrom(...names),
  fc.constantFrom(null, 1, 'x', {}, [], { polluted: true }),
  {
    minKeys: 1,
  },
);

const depths = [10, 200, 3_000, 20_000, 200_000];

/** Made once, as some are large. */
const structures = [
  ...depths.map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  ...depths.map((depth) => `${'{"id":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`),
  ...[101, 5_000, 100_000].map((length) => `[1${',1'.repeat(length - 1)}]`),
  ...[100, 20_000].map(
    (count) => `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')}}`,
  ),
  '{"id":1,"id":2,"id":"3"}',
].map((text) => new RawJson(text));

/** Nested more deeply than anybody means, or larger. */
export const hostileStructure = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...structures) },
  { weight: 1, arbitrary: prototypeKeys },
);

export const anotherType = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, '', [[]], [null], { id: {} }, '1', [1]),
  fc.jsonValue({ maxDepth: 3 }),
);

export const hostileValue = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: hostileNumber },
  { weight: 2, arbitrary: anotherType },
  { weight: 1, arbitrary: hostileStructure },
);
