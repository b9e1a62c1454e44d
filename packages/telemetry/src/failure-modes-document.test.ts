import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { MetricDefinition } from './metric-definition.ts';
import { metricTable } from './metric-table.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs');
const document = await readFile(path.join(docs, 'failure-modes.md'), 'utf8');
const runbooks = await readdir(path.join(docs, 'runbooks'));
const table: Readonly<Record<string, MetricDefinition>> = metricTable;

/** Every way to die, by its title: its items, by what stands before their colon. */
const sections = document
  .split('\n## ')
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), items: itemsOf(text) }))
  .filter(({ items }) => items.has('Clients see'));

test('docs/failure-modes.md has more than a handful of ways to die', () => {
  expect(sections.length).toBeGreaterThan(20);
});

test.each(sections)(
  'docs/failure-modes.md names metrics that there are, and what to do: $title',
  ({ items }) => {
    const told = items.get('Metrics') ?? '';
    const names = [...told.matchAll(/`([a-z]+_[^`]+)`/g)].map(([, name = '']) => name);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !isExposed(name))).toEqual([]);
    const links = [...told.matchAll(/\[(\w+)\]\(runbooks\/(\w+\.md)\)/g)];
    for (const [, alert = '', page = ''] of links) {
      expect([`${alert}.md`, runbooks.includes(page)]).toEqual([page, true]);
    }
    expect(items.get('You see')).toBeDefined();
    expect(items.get('Do')).toBeDefined();
  },
);

test('a metric, a label or a value that does not exist is found', () => {
  expect(isExposed('cache_mode{state="bypass"}')).toBe(true);
  expect(isExposed('db_query_duration_seconds_count{query_name="commit",outcome="error"}')).toBe(
    true,
  );
  for (const name of ['cache_mood', 'cache_mode{mood="bypass"}', 'cache_mode{state="asleep"}']) {
    expect(isExposed(name)).toBe(false);
  }
});

function itemsOf(section: string): ReadonlyMap<string, string> {
  const items = section.split(/\n- \*\*/).slice(1);
  return new Map(
    items.map((item): [string, string] => {
      const [name = '', text = ''] = item.split(/:\*\*/);
      return [name, text];
    }),
  );
}

/** Whether a process has series of that name with those labels. */
function isExposed(text: string): boolean {
  const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(text) ?? [];
  const metric = table[name] ?? table[name.replace(/_(count|sum|bucket)$/, '')];
  if (metric === undefined) return false;
  return [...labels.matchAll(/(\w+)="([^"]*)"/g)].every(([, label = '', value = '']) => {
    const values = metric.labels[label];
    if (values === undefined) return false;
    return 'valuesMax' in values || values.includes(value);
  });
}
