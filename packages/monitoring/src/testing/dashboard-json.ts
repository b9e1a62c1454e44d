import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { dashboardUids, type Dashboard } from '../dashboard-link.ts';
import { root } from './runbooks.ts';

const source = z.object({ type: z.string(), uid: z.string() });
const link = z.object({ title: z.string(), url: z.string().optional() });

const target = z.object({
  refId: z.string(),
  datasource: source,
  expr: z.string(),
  legendFormat: z.string(),
  exemplar: z.boolean().optional(),
  instant: z.boolean().optional(),
});

const panel = z.object({
  id: z.number().optional(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: source.optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  links: z.array(link).default([]),
  targets: z.array(target).default([]),
  fieldConfig: z
    .object({
      defaults: z.object({ unit: z.string().optional(), links: z.array(link).optional() }),
    })
    .optional(),
});

const variable = z.object({
  type: z.string(),
  name: z.string(),
  label: z.string(),
  query: z.union([z.string(), z.object({ query: z.string() })]),
  datasource: source.optional(),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
  refresh: z.number().optional(),
});

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  editable: z.boolean(),
  tags: z.array(z.string()),
  links: z.array(
    z.object({
      title: z.string(),
      type: z.string(),
      url: z.string().optional(),
      tags: z.array(z.string()),
    }),
  ),
  panels: z.array(panel),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({
    list: z.array(z.object({ name: z.string(), datasource: source, expr: z.string() })),
  }),
});

export type DashboardJson = z.infer<typeof dashboard>;
export type PanelJson = z.infer<typeof panel>;

/** A dashboard as it is committed, and as Grafana will read it. */
export async function readDashboard(key: Dashboard): Promise<DashboardJson> {
  const file = path.join(root, 'grafana/dashboards', `${dashboardUids[key]}.json`);
  return dashboard.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** The panels of a dashboard that show something. */
export function panelsOf({ panels }: DashboardJson): PanelJson[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** What Prometheus will be sent: Grafana fills the windows in. */
export function queriesOf(json: DashboardJson): string[] {
  return panelsOf(json).flatMap(({ targets }) => targets.map(({ expr }) => filledIn(expr)));
}

/** So long, for a query in a test, are the windows that Grafana fills in. */
export const windows = { rate: '11m', range: '22m' } as const;

export function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', windows.rate).replaceAll('$__range', windows.range);
}
