import path from 'node:path';
import { staleFiles, writeFiles } from './committed-files.ts';
import { dashboardFiles } from './dashboards/dashboard-files.ts';
import { generatedFiles } from './generated-files.ts';
import { defaultSettings } from './settings.ts';

/** Writes `prometheus/` and `grafana/dashboards/`; with `--check` it only says which files are stale, and fails if any is. */
const root = path.resolve(import.meta.dirname, '../../..');
const directories = {
  prometheus: generatedFiles(defaultSettings),
  'grafana/dashboards': dashboardFiles(defaultSettings),
};

for (const [directory, files] of Object.entries(directories)) {
  if (process.argv.includes('--check')) {
    const stale = await staleFiles(path.join(root, directory), files);
    if (stale.length === 0) continue;
    console.error(`Stale: ${stale.map((name) => `${directory}/${name}`).join(', ')}.`);
    console.error('To mend it: npm run generate');
    process.exitCode = 1;
  } else {
    await writeFiles(path.join(root, directory), files);
  }
}
