import path from 'node:path';
import { expect, test } from 'vitest';
import { staleFiles } from '../committed-files.ts';
import { dashboardUids } from '../dashboard-link.ts';
import { allRules, isAlert } from '../rule-groups.ts';
import { annotationsOf } from '../rules-yaml.ts';
import { defaultSettings } from '../settings.ts';
import { filledIn, panelsOf, queriesOf, readDashboard } from '../testing/dashboard-json.ts';
import { serviceMetric } from '../testing/known-metrics.ts';
import { readExpression } from '../testing/promql.ts';
import { root } from '../testing/runbooks.ts';
import { labelsOfMetric, unknownIn } from '../testing/unknown-names.ts';
import { dashboardTag } from './build-dashboard.ts';
import { dashboardFiles } from './dashboard-files.ts';
import { dashboards } from './dashboards.ts';

const all = await Promise.all(
  dashboards.map(async ({ key }) => ({ key, json: await readDashboard(key) })),
);
const alerts = allRules().filter(isAlert);

test('what stands under grafana/dashboards is what would be generated now', async () => {
  const directory = path.join(root, 'grafana/dashboards');
  const stale = await staleFiles(directory, dashboardFiles(defaultSettings));
  expect(stale, 'to mend it: npm run generate').toEqual([]);
});

test('every uid that an alert can lead to is a dashboard, and no panel lies upon another', () => {
  expect(all.map(({ key }) => key).toSorted()).toEqual(Object.keys(dashboardUids).toSorted());
  for (const { json } of all) {
    const cells = json.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
      ),
    );
    expect(new Set(cells).size, json.title).toBe(cells.length);
  }
});

test.for(all)('every query of $key asks for metrics, labels and values that exist', ({ json }) => {
  const annotations = json.annotations.list.map(({ expr }) => filledIn(expr));
  for (const query of [...queriesOf(json), ...annotations]) {
    const { selectors, grouping } = readExpression(query);
    expect(selectors.length, query).toBeGreaterThan(0);
    expect(selectors.flatMap(unknownIn), query).toEqual([]);
    const known = selectors.map(({ metric }) => labelsOfMetric(metric));
    const ungrouped = grouping.filter(
      (label) => !known.some((labels) => labels?.has(label) ?? true),
    );
    expect(ungrouped, query).toEqual([]);
  }
});

test.for(all)('what has a procedure can be narrowed to one on $key', ({ json }) => {
  for (const query of queriesOf(json)) {
    for (const { metric, matchers } of readExpression(query).selectors) {
      const isNarrowed = matchers.some(({ value }) => value === '$operation');
      expect(isNarrowed, query).toBe(serviceMetric(metric)?.has('operation') ?? false);
    }
  }
});

test.for(all)('the quantile in a title of $key is the one that is asked for', ({ json }) => {
  for (const { title, targets } of panelsOf(json)) {
    const said = /\bp(\d\d)\b/.exec(title)?.[1];
    for (const { expr } of targets) {
      const [, asked] = /histogram_quantile\(0\.(\d+),/.exec(expr) ?? [];
      const [, named] = /_p(\d\d)_seconds\{/.exec(expr) ?? [];
      expect(asked?.padEnd(2, '0') ?? named, title).toBe(said);
    }
  }
});

test.for(all)('a histogram on $key shows exemplars, and nothing else asks for them', ({ json }) => {
  for (const { title, targets } of panelsOf(json)) {
    for (const { expr, exemplar = false } of targets) {
      expect(exemplar, title).toBe(expr.includes('_bucket{'));
    }
  }
});

test('every alert leads to a dashboard that lists it, with a panel that leads to its runbook', () => {
  for (const alert of alerts) {
    const { dashboard_url, runbook_url } = annotationsOf(alert, defaultSettings);
    const found = all.filter(({ json }) => dashboard_url?.endsWith(`/d/${json.uid}`));
    expect(found.length, alert.alert).toBe(1);
    for (const { json } of found) {
      const list = panelsOf(json).find(({ title }) => title === 'Alerts that fire');
      const [selector] = readExpression(list?.targets[0]?.expr ?? '').selectors;
      const listed = selector?.matchers
        .find(({ label }) => label === 'alertname')
        ?.value.split('|');
      expect(listed).toContain(alert.alert);
      const links = panelsOf(json).flatMap((panel) => panel.links.map(({ url }) => url));
      expect(links, alert.alert).toContain(runbook_url);
    }
  }
});

test('every runbook that a panel leads to is of an alert, and every dashboard that it leads to exists', () => {
  const runbooks = new Set(
    alerts.map((alert) => annotationsOf(alert, defaultSettings)['runbook_url']),
  );
  const uids: readonly string[] = Object.values(dashboardUids);
  const links = all.flatMap(({ json }) => panelsOf(json).flatMap((panel) => panel.links));
  expect(links.some(({ url }) => url?.startsWith('/d/'))).toBe(true);
  for (const { url = '' } of links) {
    const uid = /^\/d\/([\w-]+)\?/.exec(url)?.[1];
    expect(runbooks.has(url) || uids.includes(uid ?? ''), url).toBe(true);
  }
});

test('from every dashboard one gets to the others, to traces and to runbooks', () => {
  for (const { json } of all) {
    expect(json.tags).toContain(dashboardTag);
    const [others, traces, runbooks] = json.links;
    expect(others).toMatchObject({ type: 'dashboards', tags: [dashboardTag] });
    expect(traces?.url).toMatch(/^\/explore\?.*tempo/);
    expect(runbooks?.url).toBe(defaultSettings.runbooksUrl);
  }
});

test('the table of dashboards', () => {
  const rows = all.map(({ json }) => ({
    dashboard: json.title,
    panels: panelsOf(json).length,
    queries: queriesOf(json).length,
  }));
  console.table(rows);
  expect(rows.every(({ panels, queries }) => panels >= 8 && queries >= panels)).toBe(true);
});
