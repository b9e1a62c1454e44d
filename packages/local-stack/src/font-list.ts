import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Tells where the fetched fonts are. They are the only ones, so that a page looks the same, and is as
 * wide, on every machine. Written at each start, as the list of an older checkout may be another, aside and renamed:
 * another start may read it.
 */
export async function writeFontList(root: string): Promise<string> {
  const file = path.join(root, 'fonts.conf');
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, fontList(path.join(root, 'usr/share/fonts')));
  await rename(unfinished, file);
  return file;
}

function fontList(directory: string): string {
  const families = [
    ['sans-serif', 'Inter'],
    ['system-ui', 'Inter'],
    ['serif', 'Liberation Serif'],
    ['monospace', 'Liberation Mono'],
  ].map(
    ([generic, family]) =>
      `<alias><family>${generic}</family><prefer><family>${family}</family></prefer></alias>`,
  );
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>${directory}</dir>
<cachedir>${directory}/.cache</cachedir>
${families.join('\n')}
</fontconfig>
`;
}
