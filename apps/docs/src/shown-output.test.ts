import { expect, test } from 'vitest';
import { asShown, masked } from './shown-output.ts';

test('what differs from run to run is no difference', () => {
  const shown = 'tRPC http://127.0.0.1:3000/trpc\ntoken eyJhbGci…\nserver-timing: cache;dur=0.85';
  const printed =
    'tRPC http://127.0.0.1:4711/trpc\ntoken eyJx.y-z\nserver-timing: cache;dur=12.00\n';
  expect(asShown(printed, shown)).toBe(masked(shown));
});

test.each([
  ['a', 'a', true],
  ['', '', true],
  ['a\nx\ny\nb', 'a\n…\nb', true],
  ['a\nb', 'a\n…\nb', true],
  ['x\nb\ny\nb', '…\nb', true],
  ['a\nx', 'a', false],
  ['', 'a', false],
  ['a', '', false],
  ['a\nb\nx', '…\nb', false],
  ['a\nx', 'a\n…\nb', false],
  ['x-cache: miss', 'x-cache: hit', false],
])('%j is as shown by %j: %s', (printed, shown, expected) => {
  expect(asShown(printed, shown) === masked(shown)).toBe(expected);
});
