import {
  dashboards,
  type DashboardSpec,
  panelsOf,
  readDashboard,
  readExpression,
  unfiltered,
} from '@throughline/monitoring/testing';
import type { Rule } from '../prometheus-api.ts';
import type { LiveQuery } from './live-query.ts';

/** All queries of one dashboard, by panel. */
export interface AskedDashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly queries: readonly LiveQuery[] }[];
}

/** The windows that Grafana fills in: four scrapes at least, and what is shown. */
const windows = { $__rate_interval: '10s', $__range: '1m' };

/** Every dashboard as it is committed, for all jobs, instances and operations. */
export async function askedDashboards(): Promise<AskedDashboard[]> {
  return Promise.all(dashboards.map(askedDashboard));
}

/** What a rule measures: an alert without its thresholds, which nothing exceeds in health. */
export function askedRule({ type, name, query, annotations }: Rule): LiveQuery {
  const grouping = readExpression(query).grouping.filter((label) => label !== 'le');
  const told = Object.values(annotations).flatMap((text) => labelsIn(text, /\$labels\.(\w+)/g));
  return {
    of: name,
    expr: type === 'alerting' ? unfiltered(query) : query,
    kind: 'instant',
    labels: type === 'alerting' ? [...new Set(told)] : [...new Set(grouping)],
  };
}

async function askedDashboard({ key }: Pick<DashboardSpec, 'key'>): Promise<AskedDashboard> {
  const json = await readDashboard(key);
  const panels = panelsOf(json).map(({ title, targets }) => ({
    title,
    queries: targets.map(({ expr, legendFormat, instant = false }): LiveQuery => ({
      of: `${json.title}: ${title}`,
      expr: filledIn(expr),
      kind: instant ? 'instant' : 'range',
      labels: labelsIn(legendFormat, /\{\{(\w+)\}\}/g),
    })),
  }));
  return { title: json.title, panels };
}

function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', windows.$__rate_interval)
    .replaceAll('$__range', windows.$__range)
    .replaceAll(/\$(job|instance|operation)\b/g, '.+');
}

function labelsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, label = '']) => label);
}
