import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileBegin } from './position.ts';
import { type RawRecord, RecordSplitter } from './record-splitter.ts';

const comma = ','.charCodeAt(0);

function split(text: string | Buffer, chunkBytes = 1_000, bytesMax?: number): RawRecord[] {
  const splitter = new RecordSplitter(fileBegin, comma, bytesMax);
  const bytes = Buffer.from(text);
  const records: RawRecord[] = [];
  for (let begin = 0; begin < bytes.length; begin += chunkBytes) {
    records.push(...splitter.push(bytes.subarray(begin, begin + chunkBytes)));
  }
  return [...records, ...splitter.end()];
}

function told(records: readonly RawRecord[]) {
  return records.map(({ line, bytes, isTooLong }) => [line, isTooLong || bytes.toString()]);
}

test('records are lines, and lines that quotes hold together', () => {
  expect(told(split('a,b\r\n"x\n""y",2\n\nlast'))).toEqual([
    [1, 'a,b\r\n'],
    [2, '"x\n""y",2\n'],
    [4, '\n'],
    [5, 'last'],
  ]);
});

test('a quote within a value that does not begin with one holds nothing together', () => {
  expect(told(split('12" lamp,1\nnext,"a"b\nlast\n'))).toEqual([
    [1, '12" lamp,1\n'],
    [2, 'next,"a"b\n'],
    [3, 'last\n'],
  ]);
});

test('where a quote is never closed, its line is a record, and the next one begins anew', () => {
  expect(told(split('"open,1\nb,2\nc,"3\n4"\n'))).toEqual([
    [1, '"open,1\nb,2\nc,"3\n'],
    [4, '4"\n'],
  ]);
  expect(told(split('a\n"open,1\nb,2\nc,3'))).toEqual([
    [1, 'a\n'],
    [2, '"open,1\n'],
    [3, 'b,2\n'],
    [4, 'c,3'],
  ]);
});

test('the same where it is not closed within the length of a record', () => {
  const text = `"open\n${'12345678\n'.repeat(10)}`;
  const records = told(split(text, 16, 40));
  expect(records[0]).toEqual([1, '"open\n']);
  expect(records).toHaveLength(11);
});

test('a record that is too long is passed over, and nothing of it is kept', () => {
  const splitter = new RecordSplitter(fileBegin, comma, 1_000);
  const records = splitter.push(Buffer.from('a,1\n'));
  for (let turn = 0; turn < 100; turn += 1) records.push(...splitter.push(Buffer.alloc(900, 'x')));
  records.push(...splitter.push(Buffer.from('x\nb,2\n')), ...splitter.end());
  expect(told(records)).toEqual([
    [1, 'a,1\n'],
    [2, true],
    [3, 'b,2\n'],
  ]);
  expect(records.map(({ end }) => end)).toEqual([
    { offset: 4, line: 2 },
    { offset: 90_006, line: 3 },
    { offset: 90_010, line: 4 },
  ]);
});

test('whatever the text and however it comes, records follow each other without a gap, and one can begin at any of them', () => {
  const text = fc
    .array(fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (value, chunkBytes) => {
      const records = split(value, chunkBytes);
      expect(Buffer.concat(records.map(({ bytes }) => bytes)).toString()).toBe(value);
      expect(records).toEqual(split(value));
      let offset = 0;
      for (const [index, { bytes, end }] of records.entries()) {
        offset += bytes.length;
        expect(end.offset).toBe(offset);
        expect(end.line - 1).toBe(
          Buffer.from(value).subarray(0, offset).toString().split('\n').length - 1,
        );
        const rest = new RecordSplitter(end, comma);
        const again = [...rest.push(Buffer.from(value).subarray(offset)), ...rest.end()];
        expect(again).toEqual(records.slice(index + 1));
      }
    }),
  );
});
