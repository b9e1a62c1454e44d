import path from 'node:path';
import { staleFiles, writeFiles } from './committed-files.ts';
import { generatedFiles } from './generated-files.ts';
import { defaultSettings } from './settings.ts';

/** Writes `prometheus/`; with `--check` it only says which files are stale, and fails if any is. */
const directory = path.resolve(import.meta.dirname, '../../../prometheus');
const files = generatedFiles(defaultSettings);

if (process.argv.includes('--check')) {
  const stale = await staleFiles(directory, files);
  if (stale.length > 0) {
    console.error(`Stale: ${stale.map((name) => `prometheus/${name}`).join(', ')}.`);
    console.error('To mend it: npm run generate');
    process.exitCode = 1;
  }
} else {
  await writeFiles(directory, files);
}
