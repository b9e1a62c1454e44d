import type { Nodes, Root, Table } from 'mdast';
import { toString } from 'mdast-util-to-string';
import { visit } from 'unist-util-visit';
import { expect, test } from 'vitest';
import { parseMarkdown } from './markdown.ts';
import { filesLike, textOf } from './repository.ts';

const glossary = parseMarkdown(await textOf('docs/glossary.md'));
const [words = [], unused = []] = tablesOf(glossary).map(rowsOf);
const terms = words.map(([term = '']) => term);

test('the glossary has each word once, in the order of the alphabet, with a meaning', () => {
  expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b, 'en')));
  expect(words.filter(([, meaning = '']) => !meaning.endsWith('.'))).toEqual([]);
});

test('every name of code in the glossary is one', async () => {
  const code = await sources();
  const names = new Set<string>();
  visit(glossary, 'inlineCode', ({ value }) => {
    names.add(value);
  });
  const unknown = [...names].filter((name) => !isNamed(code, name));
  expect(unknown).toEqual([]);
  expect(names.size).toBeGreaterThan(20);
});

test.each([
  ['packages/write-through/src/instrument.ts', 'ReadOutcome'],
  ['packages/write-through/src/instrument.ts', 'WriteOutcome'],
  ['packages/write-through/src/comparison.ts', 'Verdict'],
  ['packages/write-through/src/cache-observer.ts', 'EntryOutcome'],
  ['packages/write-through/src/epoch-keeper.ts', 'OnFailure'],
])('%s: each value of %s is a word of the glossary', async (file, type) => {
  const [, union = ''] = new RegExp(`type ${type} =([^;]+);`).exec(await textOf(file)) ?? [];
  const values = [...union.matchAll(/'([^']+)'/g)].map(([, value]) => value);
  expect(values.length).toBeGreaterThan(1);
  expect(terms).toEqual(expect.arrayContaining(values));
});

test('each state of an entry and each mode of the cache is a word of the glossary', async () => {
  const entry = await textOf('packages/write-through/src/entry.ts');
  const cache = await textOf('packages/write-through/src/write-through-cache.ts');
  const states = [...entry.matchAll(/readonly state: '([^']+)'/g)].map(([, state]) => state);
  const [, modes = ''] = /readonly mode: ([^;]+);/.exec(cache) ?? [];
  const values = [...states, ...modes.split(' | ').map((mode) => mode.replaceAll("'", ''))];
  expect(values).toContain('pending');
  expect(values).toContain('draining');
  expect(terms).toEqual(expect.arrayContaining(values));
});

test('no page uses a word that has another in its place', async () => {
  const not = unused.map(([word = '']) => word);
  expect(not.length).toBeGreaterThan(0);
  const pattern = new RegExp(`\\b(${not.join('|')})s?\\b`, 'i');
  const found: string[] = [];
  for (const file of await filesLike('**/*.md')) {
    const text = await textOf(file);
    // Only text counts, and not what is named from elsewhere in code; most files need no closer look.
    if (file === 'docs/glossary.md' || !pattern.test(text)) continue;
    visit(parseMarkdown(text), 'text', ({ value, position }) => {
      if (pattern.test(value)) found.push(`${file}:${position?.start.line ?? 0}: ${value}`);
    });
  }
  expect(found).toEqual([]);
});

function tablesOf(page: Root): Table[] {
  return page.children.filter((node): node is Table => node.type === 'table');
}

/** The texts of the cells, without the head. */
function rowsOf({ children }: Table): string[][] {
  return children.slice(1).map((row) => row.children.map((cell: Nodes) => toString(cell)));
}

async function sources(): Promise<string> {
  const files = await filesLike('{apps,packages}/*/src/**/*.ts');
  const ours = files.filter((file) => !file.startsWith('apps/docs/'));
  return (await Promise.all(ours.map(textOf))).join('\n');
}

/** A file, or what stands in the code as a whole word; of a procedure, its last part. */
function isNamed(code: string, name: string): boolean {
  const bare = name.replace(/\(\)$/, '').replace(/^(cache|product)\./, '');
  const escaped = bare.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(code);
}
