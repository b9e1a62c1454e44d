import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { dashboardUids } from '../dashboard-link.ts';
import { allRules, isAlert } from '../rule-groups.ts';
import type { MonitoringSettings } from '../settings.ts';
import { alertsPanel, buildPanel, chosenSource } from './build-panel.ts';
import type { DashboardSpec } from './dashboard-spec.ts';
import { rateWindow, series } from './query.ts';

/** The tag by which the dashboards find each other. */
export const dashboardTag = 'throughline';

/** The dashboard as Grafana stores it, in the classic format. */
export function buildDashboard(
  spec: DashboardSpec,
  settings: MonitoringSettings,
): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(spec.title)
    .uid(dashboardUids[spec.key])
    .description(spec.question)
    .tags([dashboardTag])
    // Whoever changes it on the page would lose that with the next deployment.
    .readonly()
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables(spec))
    .annotations([alertAnnotation(alertsOf(spec)), deployAnnotation()])
    .links(links(settings));
  builder.withPanel(alertsPanel(alertsOf(spec), settings));
  for (const { title, panels } of spec.rows) {
    builder.withRow(new dashboard.RowBuilder(title));
    for (const panel of panels) builder.withPanel(buildPanel(panel, settings));
  }
  return builder.build();
}

/** The names of the alerts whose notification leads here. */
function alertsOf({ key }: DashboardSpec): string[] {
  const here = allRules()
    .filter(isAlert)
    .filter((rule) => rule.dashboard === key);
  return [...new Set(here.map(({ alert }) => alert))];
}

function variables(spec: DashboardSpec) {
  const queries = spec.rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));
  const isUsed = queries.some(({ expr }) => expr.includes('$operation'));
  const operation = labelVariable('operation', 'Operation', {
    metric: 'trpc_requests_total',
    within: 'job=~"$job",instance=~"$instance"',
  });
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelVariable('job', 'Job', { metric: 'up' }),
    labelVariable('instance', 'Instance', { metric: 'up', within: 'job=~"$job"' }),
    // Where no panel asks for it, it is there all the same: so a link keeps what was chosen.
    isUsed ? operation : operation.hide(dashboard.VariableHide.HideVariable),
  ];
}

interface ValuesOf {
  readonly metric: string;
  readonly within?: string;
}

function labelVariable(name: string, label: string, { metric, within }: ValuesOf) {
  const selector = within === undefined ? metric : `${metric}{${within}}`;
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(chosenSource)
    .query({ query: `label_values(${selector}, ${name})`, refId: name })
    .definition(`label_values(${selector}, ${name})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });
}

function alertAnnotation(alerts: readonly string[]) {
  const expr = `ALERTS{job=~"$job",alertstate="firing",severity=~"critical|warning",alertname=~"${alerts.join('|')}"}`;
  return annotation('Alerts', 'red', expr)
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{instance}}');
}

/** A version that was not there at the step before. */
function deployAnnotation() {
  const build = series('app_build_info');
  const expr = `count by (job, version, commit) (${build}) unless count by (job, version, commit) (${build} offset ${rateWindow})`;
  return annotation('Deployments', 'blue', expr)
    .titleFormat('{{version}}')
    .textFormat('{{commit}}');
}

function annotation(name: string, color: string, expr: string) {
  return new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(chosenSource)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .target(new prometheus.DataqueryBuilder().refId(name).expr(expr).range());
}

function links(settings: MonitoringSettings) {
  return [
    new dashboard.DashboardLinkBuilder('Dashboards')
      .type(dashboard.DashboardLinkType.Dashboards)
      .tags([dashboardTag])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true),
    new dashboard.DashboardLinkBuilder('Traces')
      .type(dashboard.DashboardLinkType.Link)
      .icon('external link')
      .url(tracesUrl())
      .targetBlank(true),
    new dashboard.DashboardLinkBuilder('Runbooks')
      .type(dashboard.DashboardLinkType.Link)
      .icon('doc')
      .url(settings.runbooksUrl)
      .targetBlank(true),
  ];
}

/** The uid of the data source that has the traces; grafana/provisioning names it so. */
export const tracesUid = 'tempo';

/** The slow traces of the service, in Grafana's explorer. */
function tracesUrl(): string {
  const query = {
    refId: 'A',
    datasource: { type: 'tempo', uid: tracesUid },
    queryType: 'traceql',
    query: '{ resource.service.name = "throughline" }',
  };
  const panes = {
    traces: { datasource: tracesUid, queries: [query], range: { from: 'now-1h', to: 'now' } },
  };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
}
