import { expect, test } from 'vitest';
import { csvFormat } from './csv-format.ts';
import { jsonlFormat } from './jsonl-format.ts';
import type { ParsedRecord, RecordFormat } from './parsed-record.ts';

async function* chunked(text: string | Buffer): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(text);
  for (let begin = 0; begin < bytes.length; begin += 7) yield bytes.subarray(begin, begin + 7);
}

async function records(format: RecordFormat, text: string | Buffer): Promise<ParsedRecord[]> {
  const rest = Buffer.from(text).subarray(format.begin.offset);
  return (await Array.fromAsync(format.read(chunked(rest), format.begin))).flat();
}

async function told(format: RecordFormat, text: string | Buffer) {
  return (await records(format, text)).map((record) => [
    record.line,
    'problem' in record ? record.problem : record.fields,
  ]);
}

test('CSV: columns in any order and case, quotes, CRLF, empty lines, and each line that is none', async () => {
  const text = Buffer.concat([
    Buffer.from('Price;SKU ;name;Category;colour\r\n'),
    Buffer.from('1.00;A;"a ""b""\r\nc";lamps;red\r\n\r\n'),
    Buffer.from('1.00;B;b;lamps\n'),
    Buffer.from('1.00;C;c" d;lamps;red\n'),
    Buffer.from('1.00;D;"c"d;lamps;red\n'),
    Buffer.concat([Buffer.from('1.00;E;'), Buffer.from([0xff]), Buffer.from(';lamps;red\n')]),
    Buffer.from('1.00;F;f;lamps;red\n'),
    Buffer.from('1.00;G;"g;lamps;red'),
  ]);
  const format = await csvFormat(chunked(text), undefined);
  expect(format.unknownColumns).toEqual(['colour']);
  const fields = { price: '1.00', category: 'lamps', colour: 'red' };
  expect(await told(format, text)).toEqual([
    [2, { ...fields, sku: 'A', name: 'a "b"\r\nc' }],
    [5, 'it has 4 values, and the header 5'],
    [6, 'a quote stands in a value that does not begin with one'],
    [7, 'a quoted value goes on after its closing quote'],
    [8, 'the line is not valid in the encoding of the file'],
    [9, { ...fields, sku: 'F', name: 'f' }],
    [10, 'a quote is not closed'],
  ]);
});

test.for([
  ['', 'The file is empty.'],
  ['sku,name\n', 'The header lacks price, category.'],
  ['sku,sku,name,price,category\n', 'The header names the column "sku" twice.'],
  ['"sku,name,price', 'The header cannot be read: a quote is not closed.'],
])('CSV that begins with %j is refused before anything is sent', async ([text, message]) => {
  await expect(csvFormat(chunked(text ?? ''), undefined)).rejects.toThrow(message);
});

test('CSV: rejected records with their numbers and reasons can be read again as they are, any number of times', async () => {
  const text = 'sku,name,price,category\nA,"a, ""b""",x,lamps\nB,b,y,lamps\n';
  let format = await csvFormat(chunked(text), undefined);
  let file = text;
  for (let time = 0; time < 3; time += 1) {
    const all = await records(format, file);
    file = Buffer.concat([
      format.rejectedHead,
      ...all.map((record) => format.rejected(record, 'price is "wrong", they say')),
    ]).toString();
    format = await csvFormat(chunked(file), undefined);
    expect(format.unknownColumns).toEqual([]);
    const [first, second] = await records(format, file);
    expect(first).toMatchObject({
      fields: {
        line: '2',
        reason: 'price is "wrong", they say',
        sku: 'A',
        name: 'a, "b"',
        price: 'x',
      },
    });
    expect(second).toMatchObject({ fields: { line: '3', sku: 'B' } });
  }
  expect(file.split('\n')[0]).toBe('line,reason,sku,name,price,category');
});

test('JSON Lines: an object on each line, prices exact, words for people passed over', async () => {
  const text =
    '{"sku":"A","price":19.90000000000000001}\n\n// line 7: why\r\n[1]\n{"sku":\n{"sku":"B","price":"1.5"}';
  expect(await told(jsonlFormat(), text)).toEqual([
    [1, { sku: 'A', price: '19.90000000000000001' }],
    [4, 'the line is not a JSON object'],
    [5, 'the line is not a JSON object'],
    [6, { sku: 'B', price: '1.5' }],
  ]);
});

test('JSON Lines: columns in any case, and those that mean nothing are known at the end', async () => {
  const format = jsonlFormat();
  const text = '{"SKU":"A","Price":19.90000000000000001,"stok":1}\n{"sku":"B","stok":2,"colour":0}';
  expect(await told(format, text)).toEqual([
    [1, { sku: 'A', price: '19.90000000000000001', stok: 1 }],
    [2, { sku: 'B', stok: 2, colour: 0 }],
  ]);
  expect(format.unknownColumns).toEqual(['stok', 'colour']);
});

test('JSON Lines: rejected records can be read again as they are', async () => {
  const [record] = await records(jsonlFormat(), '{"sku":"A"}');
  if (record === undefined) throw new Error('There is one.');
  const file = jsonlFormat().rejected(record, 'category "a\r\nb": it is unknown').toString();
  expect(file).toBe('// line 1: category "a b": it is unknown\n{"sku":"A"}\n');
  expect(await told(jsonlFormat(), file)).toEqual([[2, { sku: 'A' }]]);
});
