import { expect, test } from 'vitest';
import { readWalkthrough } from './walkthrough.ts';

test('a page is read as what its reader types, saves, presses and sees', () => {
  const page =
    '```sh terminal=1 running\nnpm start\n```\n\n```text\nready\n```\n\n' +
    '```ts file=a/b.ts\nexport {};\n```\n\n```keys terminal=1\nCtrl-C\n```\n';
  expect(readWalkthrough(page)).toEqual([
    {
      type: 'command',
      terminal: '1',
      commands: 'npm start',
      running: true,
      line: 1,
      shown: 'ready',
    },
    { type: 'file', file: 'a/b.ts', text: 'export {};\n', line: 9 },
    { type: 'keys', terminal: '1', line: 13, shown: '' },
  ]);
});

test.each([
  ['a command in no terminal', '```sh\nls\n```', 'Line 1: nobody would run this block.'],
  ['a block in a language that nobody runs', '```json\n{}\n```', 'Line 1: nobody would run'],
  ['keys that nobody presses', '```keys terminal=1\nq\n```', 'Line 1: nobody would run'],
  ['an output of nothing', 'See:\n\n```text\nx\n```', 'Line 3: no command stands before'],
])('%s is refused, so that no block goes unchecked', (_what, page, message) => {
  expect(() => readWalkthrough(page)).toThrow(message);
});
