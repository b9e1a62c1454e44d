import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { staleFiles } from './committed-files.ts';
import { generatedFiles } from './generated-files.ts';
import { allRules, isAlert } from './rule-groups.ts';
import { annotationsOf, labelsOf } from './rules-yaml.ts';
import { defaultSettings } from './settings.ts';
import { slos } from './slos.ts';
import { serviceMetric } from './testing/known-metrics.ts';
import { readQueries, readRunbook, root } from './testing/runbooks.ts';
import { readExpression } from './testing/promql.ts';
import { labelsOfMetric, unknownIn } from './testing/unknown-names.ts';

const alerts = allRules().filter(isAlert);

test('every rule asks for metrics, labels and values that exist', () => {
  for (const rule of allRules()) {
    const name = isAlert(rule) ? rule.alert : rule.record;
    const { selectors, grouping } = readExpression(rule.expr);
    expect(selectors.flatMap(unknownIn), name).toEqual([]);
    const labels = selectors.map(({ metric }) => labelsOfMetric(metric));
    const ungrouped = grouping.filter(
      (label) => !labels.some((known) => known?.has(label) ?? true),
    );
    expect(ungrouped, name).toEqual([]);
  }
});

test('what stands under prometheus/ is what would be generated now', async () => {
  const stale = await staleFiles(path.join(root, 'prometheus'), generatedFiles(defaultSettings));
  expect(stale, 'to mend it: npm run generate').toEqual([]);
});

test('every alert has its runbook, and every runbook its alert', async () => {
  const files = await readdir(path.join(root, 'docs/runbooks'));
  const names = files
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace(/\.md$/, ''));
  expect(names.sort()).toEqual([...new Set(alerts.map(({ alert }) => alert))].sort());
});

test('a runbook says what the alert means, whom it hurts, how to find the cause and what to do', async () => {
  for (const { alert } of alerts) {
    const text = await readRunbook(alert);
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([alert, 'Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
  }
});

test('the PromQL in runbooks asks for metrics that exist', async () => {
  for (const { alert } of alerts) {
    const queries = await readQueries(alert);
    expect(queries.length, alert).toBeGreaterThan(0);
    const selectors = queries.flatMap((query) => readExpression(query).selectors);
    expect(selectors.flatMap(unknownIn), alert).toEqual([]);
  }
});

test('an alert says in a sentence what is wrong, with values below, and leads to its runbook and dashboard', () => {
  for (const rule of alerts) {
    const { summary, description, runbook_url, dashboard_url } = annotationsOf(
      rule,
      defaultSettings,
    );
    expect(summary).toMatch(/^[A-Z][^{}]*\.$/);
    expect(description).toMatch(/^[A-Z0-9{].*\.$/);
    expect(runbook_url).toMatch(new RegExp(`/docs/runbooks/${rule.alert}\\.md$`));
    expect(dashboard_url).toMatch(/\/d\/throughline-[a-z]+$/);
  }
});

test('no two rules make the same alert with the same labels', () => {
  const names = alerts.map((rule) => `${rule.alert} ${JSON.stringify(labelsOf(rule))}`);
  expect(new Set(names).size).toBe(names.length);
});

test('a threshold of a latency objective is an edge of the buckets', () => {
  const edges = slos.flatMap(({ bad }) =>
    readExpression(bad('5m')).selectors.flatMap(({ metric, matchers }) =>
      matchers
        .filter(({ label }) => label === 'le')
        .map(({ value }) => serviceMetric(metric)?.get('le')?.includes(value)),
    ),
  );
  expect(edges).toEqual([true, true]);
});
