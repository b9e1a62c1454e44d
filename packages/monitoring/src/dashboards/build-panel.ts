import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { dashboardUids } from '../dashboard-link.ts';
import type { MonitoringSettings } from '../settings.ts';
import type { PanelSpec, QuerySpec } from './dashboard-spec.ts';

/** The data source that is chosen above the panels. */
export const chosenSource = { type: 'prometheus', uid: '${datasource}' } as const;

const heightRows = 8;

export function buildPanel(
  spec: PanelSpec,
  settings: MonitoringSettings,
): Builder<dashboard.Panel> {
  const { title, description, unit, width = 8, queries } = spec;
  return withColours(newPanel(spec), spec)
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(chosenSource)
    .span(width)
    .height(heightRows)
    .links(linksOf(spec, settings))
    .targets(queries.map((query, index) => target(query, index, spec.kind === 'heatmap')));
}

/** The alerts that lead to a dashboard and fire now, each with a link to its runbook. */
export function alertsPanel(
  alerts: readonly string[],
  settings: MonitoringSettings,
): Builder<dashboard.Panel> {
  const expr = `max by (alertname, severity, job, instance) (ALERTS{job=~"$job",alertstate="firing",alertname=~"${alerts.join('|')}"})`;
  const runbook = new dashboard.DashboardLinkBuilder('Runbook')
    .url(`${settings.runbooksUrl}\${__data.fields.alertname}.md`)
    .targetBlank(true);
  return new table.PanelBuilder()
    .title('Alerts that fire')
    .description('Those that lead to this dashboard. A click on one opens its runbook.')
    .unit('none')
    .datasource(chosenSource)
    .span(24)
    .height(5)
    .noValue('No alert fires.')
    .dataLinks([runbook])
    .withTarget(
      target({ expr, legend: '{{alertname}}' }, 0)
        .instant()
        .format(prometheus.PromQueryFormat.Table),
    );
}

type AnyPanel =
  stat.PanelBuilder | heatmap.PanelBuilder | statetimeline.PanelBuilder | timeseries.PanelBuilder;

function newPanel({ kind }: PanelSpec): AnyPanel {
  switch (kind) {
    case 'stat':
      return new stat.PanelBuilder().reduceOptions(
        new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']),
      );
    case 'heatmap':
      return new heatmap.PanelBuilder()
        .yAxis(new heatmap.YAxisConfigBuilder().unit('s'))
        .color(new heatmap.HeatmapColorOptionsBuilder().scheme('Oranges').steps(64));
    case 'timeline':
      return new statetimeline.PanelBuilder().mergeValues(true);
    case 'stacked':
      return lines()
        .fillOpacity(30)
        .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
    default:
      return lines();
  }
}

function lines(): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder().min(0).lineWidth(1).fillOpacity(5);
}

function withColours(panel: AnyPanel, { states, thresholds }: PanelSpec): AnyPanel {
  if (states) {
    panel.mappings([{ type: dashboard.MappingType.ValueToText, options: { ...states } }]);
  }
  if (thresholds) {
    const above = thresholds.map(({ from, color }) => ({ value: from, color }));
    panel.thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps([{ value: null, color: 'green' }, ...above]),
    );
  }
  return panel;
}

function target(
  { expr, legend }: QuerySpec,
  index: number,
  isHeatmap = false,
): prometheus.DataqueryBuilder {
  const query = new prometheus.DataqueryBuilder()
    .datasource(chosenSource)
    .refId(String.fromCodePoint(65 + index))
    .expr(expr)
    .legendFormat(legend)
    .range();
  if (expr.includes('_bucket{')) query.exemplar(true);
  if (isHeatmap) query.format(prometheus.PromQueryFormat.Heatmap);
  return query;
}

function linksOf({ alerts = [], next }: PanelSpec, settings: MonitoringSettings) {
  const runbooks = alerts.map((alert) =>
    new dashboard.DashboardLinkBuilder(`Runbook: ${alert}`)
      .url(`${settings.runbooksUrl}${alert}.md`)
      .targetBlank(true),
  );
  if (next === undefined) return runbooks;
  const further = new dashboard.DashboardLinkBuilder(`Look next: ${next}`)
    .url(`/d/${dashboardUids[next]}?\${__url_time_range}&\${__all_variables}`)
    .targetBlank(false);
  return [...runbooks, further];
}
