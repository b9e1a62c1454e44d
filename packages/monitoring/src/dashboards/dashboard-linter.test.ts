import { expect, test } from 'vitest';
import {
  panelsOf,
  queriesOf,
  readDashboard,
  windows,
  type DashboardJson,
} from '../testing/dashboard-json.ts';
import { readExpression, type Selector } from '../testing/promql.ts';
import { labelsOfMetric } from '../testing/unknown-names.ts';
import { dashboards } from './dashboards.ts';

/** The rules of Grafana's dashboard linter that concern dashboards of Prometheus, each by the name that it has there. */
const all = await Promise.all(
  dashboards.map(async ({ key }) => ({ key, json: await readDashboard(key) })),
);
const chosen = { type: 'prometheus', uid: '${datasource}' };

test.for(all)(
  'template-datasource-rule: one variable chooses the data source of $key',
  ({ json }) => {
    const sources = json.templating.list.filter(({ type }) => type === 'datasource');
    expect(sources).toMatchObject([
      { name: 'datasource', label: 'Data source', query: 'prometheus' },
    ]);
  },
);

test.for(['job', 'instance'])(
  'template-%s-rule: it can be chosen, several at once and all',
  (name) => {
    for (const { json } of all) {
      expect(variable(json, name)).toMatchObject({
        type: 'query',
        label: name === 'job' ? 'Job' : 'Instance',
        datasource: chosen,
        multi: true,
        includeAll: true,
        allValue: '.+',
      });
    }
  },
);

test.for(all)(
  'template-label-promql-rule: the variables of $key ask for series in PromQL',
  ({ json }) => {
    for (const { query, type } of json.templating.list) {
      if (type !== 'query') continue;
      const text = typeof query === 'string' ? query : query.query;
      const [, selector = ''] = /^label_values\((.*), \w+\)$/.exec(text) ?? [];
      expect(readExpression(selector).selectors.length, text).toBe(1);
    }
  },
);

test.for(all)(
  'template-on-time-change-reload-rule: values of $key are those of the time shown',
  ({ json }) => {
    const asked = json.templating.list.filter(({ type }) => type === 'query');
    expect(asked.map(({ refresh }) => refresh)).toEqual([2, 2, 2]);
  },
);

test.for(all)(
  'panel-datasource-rule: panels, queries and annotations of $key ask the source that was chosen',
  ({ json }) => {
    const annotations = json.annotations.list.map(({ datasource }) => datasource);
    const sources = panelsOf(json).flatMap(({ datasource, targets }) =>
      [datasource].concat(targets.map((target) => target.datasource)),
    );
    for (const source of [...annotations, ...sources]) expect(source).toEqual(chosen);
  },
);

test.for(all)(
  'panel-title-description-rule: every panel of $key says what it shows',
  ({ json }) => {
    const titles = panelsOf(json).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { title, description } of panelsOf(json)) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description, title).toMatch(/^[A-Z].*\.$/s);
    }
  },
);

test.for(all)('panel-units-rule: every panel of $key has a unit', ({ json }) => {
  const units = panelsOf(json).map(({ fieldConfig }) => fieldConfig?.defaults.unit);
  expect(units).not.toContain(undefined);
});

test.for(all)('panel-no-targets-rule: every panel of $key asks for something', ({ json }) => {
  const empty = panelsOf(json).filter(({ targets }) => targets.length === 0);
  expect(empty).toEqual([]);
});

test.for(all)('target-promql-rule: every query of $key is PromQL', ({ json }) => {
  for (const query of queriesOf(json)) expect(() => readExpression(query)).not.toThrow();
});

test.for(all)('target-rate-interval-rule: every rate of $key fits the zoom', ({ json }) => {
  const rates = selectors(json).filter(({ takenBy = '' }) => ['rate', 'irate'].includes(takenBy));
  expect(rates.filter(({ range }) => range !== windows.rate)).toEqual([]);
});

test.for(all)('target-job-rule: every query of $key is narrowed to the job', ({ json }) => {
  for (const { matchers, metric } of selectors(json)) {
    expect(matchers, metric).toContainEqual({ label: 'job', operator: '=~', value: '$job' });
  }
});

test.for(all)(
  'target-instance-rule: every query of $key is narrowed to the instance, where there is one',
  ({ json }) => {
    for (const { matchers, metric } of selectors(json)) {
      // A recording has summed up the instances, and an alert can be about all of them.
      const hasInstance = metric !== 'ALERTS' && (labelsOfMetric(metric)?.has('instance') ?? true);
      const own = { label: 'instance', operator: '=~', value: '$instance' };
      expect(
        matchers.filter(({ label }) => label === 'instance'),
        metric,
      ).toEqual(hasInstance ? [own] : []);
    }
  },
);

test.for(all)('target-counter-agg-rule: no panel of $key shows a bare counter', ({ json }) => {
  const counters = selectors(json).filter(
    ({ metric }) => /_(total|bucket|count|sum)$/.test(metric) && !notCounters.has(metric),
  );
  const bare = counters.filter(
    ({ takenBy = '' }) => !['rate', 'irate', 'increase'].includes(takenBy),
  );
  expect(bare).toEqual([]);
});

test.for(all)('uneditable-dashboard-rule: $key cannot be edited on its page', ({ json }) => {
  expect(json.editable).toBe(false);
});

/** Gauges of the exporter of PostgreSQL that are named as counters are. */
const notCounters = new Set(['pg_stat_activity_count', 'pg_locks_count']);

function variable(json: DashboardJson, name: string) {
  return json.templating.list.find((candidate) => candidate.name === name);
}

function selectors(json: DashboardJson): Selector[] {
  return queriesOf(json).flatMap((query) => readExpression(query).selectors);
}
