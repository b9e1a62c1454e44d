import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeFontList } from './font-list.ts';

test('the list of an older checkout is replaced, also by several starts at once', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'throughline-fonts-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await writeFile(path.join(root, 'fonts.conf'), 'of an older checkout');
  const [file] = await Promise.all([writeFontList(root), writeFontList(root)]);
  expect(await readFile(file, 'utf8')).toContain(
    `<dir>${path.join(root, 'usr/share/fonts')}</dir>`,
  );
  expect(await readdir(root)).toEqual(['fonts.conf']);
});
