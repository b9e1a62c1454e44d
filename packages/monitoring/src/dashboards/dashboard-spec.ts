import type { Dashboard } from '../dashboard-link.ts';

/** One of the dashboards, without what all of them have alike. */
export interface DashboardSpec {
  readonly key: Dashboard;
  readonly title: string;
  /** the question that it answers, in one sentence */
  readonly question: string;
  readonly rows: readonly RowSpec[];
}

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface PanelSpec {
  readonly title: string;
  /** what is seen, and what a bad value looks like */
  readonly description: string;
  /** by the names that Grafana has for units */
  readonly unit: Unit;
  /** lines over time, unless said otherwise */
  readonly kind?: 'stat' | 'stacked' | 'heatmap' | 'timeline';
  readonly queries: readonly QuerySpec[];
  /** in the 24 columns of Grafana; 8 unless said otherwise */
  readonly width?: number;
  /** the alerts that this panel explains, whose runbooks it leads to */
  readonly alerts?: readonly string[];
  /** the dashboard to look at next */
  readonly next?: Dashboard;
  /** what a number stands for */
  readonly states?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  /** from which value on it is coloured so; below all of them it is green */
  readonly thresholds?: readonly { readonly from: number; readonly color: 'yellow' | 'red' }[];
}

export interface QuerySpec {
  readonly expr: string;
  /** in Grafana's template: `{{label}}` */
  readonly legend: string;
}

type Unit =
  | 's'
  | 'bytes'
  | 'percentunit'
  | 'reqps'
  | 'ops'
  | 'short'
  | 'none'
  | 'bool_yes_no'
  | 'cps'
  | 'eps';
