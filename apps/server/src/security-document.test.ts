import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './testing/compose-file.ts';

interface Row {
  readonly who: string;
  readonly tries: string;
  /** Files, from the root of the repository. */
  readonly stoppedBy: readonly string[];
  readonly testFile: string;
  readonly testName: string;
}

const rows = await threats();

test('the threat model speaks of clients of every kind, the network, the stores, dependencies and mistakes', () => {
  expect([...new Set(rows.map(({ who }) => who))]).toEqual([
    'anonymous client',
    'holder of a token that ended',
    'holder of a token of a withdrawn key',
    'holder of a token for another service',
    'client with a read token',
    'client with a write token',
    'page of another origin',
    'someone on the network',
    'whoever controls Redis’ content',
    'whoever controls a dependency',
    'operator',
    'developer',
  ]);
});

test.each(rows)('$tries: the test that shows it exists', async ({ testFile, testName }) => {
  const source = await readFile(path.join(root, testFile), 'utf8');
  // A name stands first in the parentheses of a test; backticks would make it another one each time.
  const declared = [...source.matchAll(/\(\s*(['"])((?:(?!\1)[^\\\n])+)\1,/g)];
  expect(declared.map(([, , name]) => name)).toContain(testName);
});

test.each(rows)('$tries: what stops it exists', async ({ stoppedBy }) => {
  expect(stoppedBy.length).toBeGreaterThan(0);
  for (const file of stoppedBy) await readFile(path.join(root, file), 'utf8');
});

/** The rows of the table; throws where one has another form. */
async function threats(): Promise<Row[]> {
  const text = await readFile(path.join(root, 'SECURITY.md'), 'utf8');
  const [, section = ''] = text.split('\n## Threat model\n');
  const [table = ''] = section.split('\n## ');
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => {
    const [, who = '', tries = '', stoppedBy = '', shownBy = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const [, testFile, testName] = /^\[[^\]]+\]\(([^)]+)\): `([^`]+)`$/.exec(shownBy) ?? [];
    if (testFile === undefined || testName === undefined) throw new Error(`No test in: ${line}`);
    const files = [...stoppedBy.matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) => file);
    return { who, tries, stoppedBy: files, testFile, testName };
  });
}
