import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type MetricDefinition, seriesMax } from './metric-definition.ts';
import { metricTable, seriesBudget } from './metric-table.ts';
import { createMetrics } from './metrics.ts';

const document = await readFile(
  path.resolve(import.meta.dirname, '../../../docs/metrics.md'),
  'utf8',
);

test('docs/metrics.md has every metric that is exposed, with what is said of it, and no other', async () => {
  const table: [string, MetricDefinition][] = Object.entries(metricTable);
  const expected = table.map(([name, { type, help, labels }]) => {
    const names = Object.keys(labels).map((label) => `\`${label}\``);
    return [`\`${name}\``, type, names.join(', '), help];
  });
  expect(rowsUnder('## Of the service')).toEqual(expected);
});

test('docs/metrics.md has every default metric of the process, and no other', async () => {
  const { text } = await createMetrics().expose();
  const exposed = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)]
    .map(([, name = '', type = '']) => [type === 'counter' ? `${name}_total` : name, type])
    .filter(([name]) => name !== undefined && !Object.hasOwn(metricTable, name))
    .map(([name, type]) => [`\`${String(name)}\``, type])
    .sort(([a = ''], [b = '']) => a.localeCompare(b, 'en'));
  const rows = rowsUnder('## Of the process').map(([name, type]) => [name, type]);
  expect(rows.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en'))).toEqual(exposed);
});

test('docs/metrics.md says how many series the table allows, and the budget', () => {
  const table: MetricDefinition[] = Object.values(metricTable);
  const allowed = table.reduce((sum, definition) => sum + seriesMax(definition), 0);
  const [said] = document.slice(document.indexOf('### How many series')).split('\n### ');
  expect(said).toContain(`allows ${allowed.toLocaleString('en')} series`);
  expect(said).toContain(`stay below ${seriesBudget.toLocaleString('en')}`);
});

/** The cells of the rows of the table under a heading, without its head. */
function rowsUnder(heading: string): string[][] {
  const [section = ''] = document.slice(document.indexOf(heading) + heading.length).split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
