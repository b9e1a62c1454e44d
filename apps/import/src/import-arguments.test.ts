import { expect, test } from 'vitest';
import { importArguments } from './import-arguments.ts';
import { progressText, rateOf } from './progress-line.ts';

test.for([
  ['a.csv', 'csv'],
  ['a.JSONL', 'jsonl'],
  ['a.ndjson.rejected.rejected', 'jsonl'],
  ['a.txt', 'csv'],
])('%s is %s', ([file, format]) => {
  expect(importArguments([file ?? ''])).toMatchObject({ file, format, restarts: false });
});

test.for([
  [[], 'Name one file.'],
  [['a', 'b'], 'Name one file.'],
  [['a', '--format', 'xml'], '--format is csv or jsonl.'],
  [['a', '--delimiter', ',,'], '--delimiter is one ASCII character'],
  [['a', '--delimiter', '"'], '--delimiter is one ASCII character'],
  [['a', '--url', 'localhost:3000/trpc'], '--url is like http://'],
  [['a', '--colour'], "Unknown option '--colour'"],
] as const)('%j is refused in words', ([args, message]) => {
  expect(() => importArguments(args)).toThrow(message);
});

test('all options are understood', () => {
  expect(importArguments(['--help'])).toBe('help');
  const options =
    '--url http://u/trpc --token T --format jsonl --encoding latin1 --create-categories --restart';
  expect(importArguments(['a', '--delimiter', String.raw`\t`, ...options.split(' ')])).toEqual({
    file: 'a',
    url: 'http://u/trpc',
    token: 'T',
    format: 'jsonl',
    delimiter: '\t',
    encoding: 'latin1',
    createsCategories: true,
    restarts: true,
  });
});

test('progress tells the rate and the time left of this run, not of those before', () => {
  const counts = { created: 0, updated: 0, unchanged: 0, rejected: 0 };
  const begin = { share: 0.5, counts: { ...counts, created: 5_000 } };
  const now = { share: 0.75, counts: { ...counts, created: 7_400, rejected: 100 } };
  expect(progressText(now, begin, 1_000)).toBe(
    '75 %, 7,500 lines, 2,500 lines/s, 1 s left, 100 rejected',
  );
});

test('an import of no lines has a rate', () => {
  expect(rateOf(0, 0)).toBe(0);
});
