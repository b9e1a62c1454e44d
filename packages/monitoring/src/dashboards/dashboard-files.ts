import { dashboardUids } from '../dashboard-link.ts';
import type { MonitoringSettings } from '../settings.ts';
import { buildDashboard } from './build-dashboard.ts';
import { dashboards } from './dashboards.ts';

/** Every dashboard by its path below `grafana/dashboards/`, with its text. */
export function dashboardFiles(settings: MonitoringSettings): Readonly<Record<string, string>> {
  return Object.fromEntries(
    dashboards.map((spec) => [
      `${dashboardUids[spec.key]}.json`,
      `${JSON.stringify(buildDashboard(spec, settings), undefined, 2)}\n`,
    ]),
  );
}
