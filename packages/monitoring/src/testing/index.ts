export type { DashboardSpec } from '../dashboards/dashboard-spec.ts';
export { dashboards } from '../dashboards/dashboards.ts';
export { panelsOf, readDashboard } from './dashboard-json.ts';
export { readExpression } from './promql.ts';
export { unfiltered } from './unfiltered.ts';
