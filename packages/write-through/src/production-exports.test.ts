import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const manifest = new URL('../package.json', import.meta.url);

it('what production imports leads to no testing part, so to no broken variant', () => {
  const files = reached((name) => !name.startsWith('./testing'));
  expect(files.some((file) => file.endsWith('/src/writer.ts'))).toBe(true);
  expect(files.filter((file) => file.includes('/testing/'))).toEqual([]);
});

it('what others may test with leads to no broken variant either, and to none of our own plays', () => {
  const files = reached((name) => name.startsWith('./testing'));
  expect(files.some((file) => file.endsWith('/testing/memory-entry-store.ts'))).toBe(true);
  expect(files.filter((file) => /\/(broken|interleaving|model)\//.test(file))).toEqual([]);
});

/** Every file that those exports lead to. */
function reached(isMeant: (name: string) => boolean): string[] {
  const exported: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const entries = entriesOf(exported, isMeant);
  const files = new Set<string>();
  for (const entry of entries) collect(new URL(entry, manifest), files);
  return [...files];
}

function entriesOf(found: unknown, isMeant: (name: string) => boolean): string[] {
  if (typeof found !== 'object' || found === null || !('exports' in found)) return [];
  return Object.entries(Object(found.exports))
    .filter(([name]) => isMeant(name))
    .map(([, file]) => String(file));
}

/** The file and every file of this package that it imports, types too. */
function collect(file: URL, files: Set<string>): void {
  if (files.has(file.pathname)) return;
  files.add(file.pathname);
  const source = readFileSync(file, 'utf8');
  for (const [, path = ''] of source.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
    collect(new URL(path, file), files);
  }
}
