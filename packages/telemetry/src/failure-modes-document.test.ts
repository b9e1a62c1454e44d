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
  .filter(({ title }) => title !== 'What can be set, and what cannot');

/** What somebody asks who is woken by it. `Automatically` stands beside them where the service does something. */
const questions = ['Clients see', 'How long', 'You see', 'Metrics', 'Alerts', 'Do'];

test('docs/failure-modes.md has more than a handful of ways to die', () => {
  expect(sections.length).toBeGreaterThan(30);
});

test.each(sections)(
  'docs/failure-modes.md says what clients see, for how long, and what to do: $title',
  ({ items }) => {
    const answered = [...items.keys()].filter((name) => name !== 'Automatically');
    expect(answered).toEqual(questions);
    for (const name of questions) expect(items.get(name), name).toMatch(/\S\.$/);
  },
);

test.each(sections)(
  'docs/failure-modes.md names metrics and alerts that there are, or says that no alert tells: $title',
  ({ items }) => {
    const told = items.get('Metrics') ?? '';
    const names = [...told.matchAll(/`([a-z]+_[^`]+)`/g)].map(([, name = '']) => name);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !isExposed(name))).toEqual([]);
    const alerts = items.get('Alerts') ?? '';
    const links = [...alerts.matchAll(/\[(\w+)\]\(runbooks\/(\w+\.md)\)/g)];
    for (const [, alert = '', page = ''] of links) {
      expect([`${alert}.md`, runbooks.includes(page)]).toEqual([page, true]);
    }
    expect(links.length > 0 || /^none\b/.test(alerts), alerts).toBe(true);
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

/** What follows the list is of the section as a whole. */
function itemsOf(section: string): ReadonlyMap<string, string> {
  const [list = ''] = section.split(/\n\n\*\*/);
  const items = list.matchAll(/\n- \*\*([^:]+):\*\*([^]*?)(?=\n- \*\*|$)/g);
  return new Map([...items].map(([, name = '', text = '']) => [name, text.trim()]));
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
