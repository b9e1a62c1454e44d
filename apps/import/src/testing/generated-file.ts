import fc from 'fast-check';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** A product of the file, as the service should have it. */
export interface ExpectedProduct {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price: string;
  readonly stock: number;
  readonly category: string;
  readonly images: readonly string[];
}

export interface GeneratedFile {
  readonly products: readonly ExpectedProduct[];
  /** The number of each bad line, and what its reason says. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

export const categories = ['lamps', 'desks', 'chairs', 'shelves', 'rugs'] as const;

const chunkSize = 5_000;
/** One record in so many is bad. */
const badOneIn = 100;

const product = fc.record({
  // Whatever CSV has to quote, and what is no ASCII.
  name: fc.stringMatching(/^[A-Za-zåéß漢😀][ ",;A-Za-zåéß漢😀]{0,30}[a-z]$/u),
  description: fc.oneof(
    { weight: 9, arbitrary: fc.stringMatching(/^[a-z ,."]{0,120}$/) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z ]{1,20}\r?\n[a-z"]{1,20}$/) },
  ),
  cents: fc.integer({ min: 0, max: 999_999 }),
  stock: fc.integer({ min: 0, max: 10_000 }),
  category: fc.constantFrom(...categories),
  images: fc.integer({ min: 0, max: 2 }),
});

type Values = Readonly<
  Record<'sku' | 'name' | 'description' | 'price' | 'stock' | 'category' | 'images', string>
>;

/** Each way to be bad, and what is said of it. */
const spoilings: readonly (readonly [string, (values: Values) => Buffer])[] = [
  ['price is not a decimal', (values) => lineOf({ ...values, price: '19.999' })],
  ['stock is not a whole number', (values) => lineOf({ ...values, stock: '-1' })],
  ['the category is unknown', (values) => lineOf({ ...values, category: 'nowhere' })],
  ['name is missing', (values) => lineOf({ ...values, name: '' })],
  ['image 1 must be', (values) => lineOf({ ...values, images: 'ftp://example.com/a' })],
  ['it has 2 values', ({ sku }) => Buffer.from(`${sku},too short\n`)],
  ['a quote stands in', ({ sku }) => Buffer.from(`${sku},12" lamp,,1.00,1,lamps,\n`)],
  [
    'not valid in the encoding',
    ({ sku }) => Buffer.concat([Buffer.from(`${sku},`), Buffer.from([0xc3, 0x28, 0x0a])]),
  ],
];

/** Writes a file of so many records, one in a hundred of them bad, and one of these two megabytes long. */
export async function generateFile(
  path: string,
  { records, seed }: { readonly records: number; readonly seed: number },
): Promise<GeneratedFile> {
  const out = createWriteStream(path);
  out.write('sku,name,description,price,stock,category,images\n');
  const products: ExpectedProduct[] = [];
  const rejected: { line: number; reason: string }[] = [];
  let line = 2;
  for (let first = 0; first < records; first += chunkSize) {
    const drawn = fc.sample(product, { seed: seed + first, numRuns: chunkSize });
    for (const [place, { cents, images: count, stock, ...texts }] of drawn.entries()) {
      const index = first + place;
      if (index >= records) break;
      const sku = `G-${String(index).padStart(7, '0')}`;
      const images = Array.from(
        { length: count },
        (_, image) => `https://i.example/${sku}/${image}`,
      );
      const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
      const expected = { sku, ...texts, price, stock, images };
      const values = { ...texts, sku, price, stock: String(stock), images: images.join('|') };
      const bytes =
        index % badOneIn === 50 ? spoiled(values, index, rejected, line) : lineOf(values);
      if (index % badOneIn !== 50) products.push(expected);
      if (!out.write(bytes)) await once(out, 'drain');
      line += bytes.filter((byte) => byte === 0x0a).length;
    }
  }
  out.end();
  await once(out, 'close');
  return { products, rejected };
}

function spoiled(
  values: Values,
  index: number,
  rejected: { line: number; reason: string }[],
  line: number,
): Buffer {
  const turn = (index - 50) / badOneIn;
  if (turn === 3) {
    rejected.push({ line, reason: 'longer than 1 MiB' });
    return lineOf({ ...values, description: 'x'.repeat(2_000_000) });
  }
  const [reason, spoil] = spoilings[turn % spoilings.length] ?? ['', lineOf];
  rejected.push({ line, reason });
  return spoil(values);
}

function lineOf(values: Values): Buffer {
  const { sku, name, description, price, stock, category, images } = values;
  const cells = [sku, name, description, price, stock, category, images].map((value) =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
  );
  return Buffer.from(`${cells.join(',')}\n`);
}
