import { cacheDashboard } from './cache-dashboard.ts';
import { consistencyDashboard } from './consistency-dashboard.ts';
import type { DashboardSpec } from './dashboard-spec.ts';
import { postgresDashboard } from './postgres-dashboard.ts';
import { redisDashboard } from './redis-dashboard.ts';
import { runtimeDashboard } from './runtime-dashboard.ts';
import { serviceDashboard } from './service-dashboard.ts';
import { sloDashboard } from './slo-dashboard.ts';

/** Every dashboard, in the order in which one asks: from the promise to what keeps it. */
export const dashboards: readonly DashboardSpec[] = [
  sloDashboard,
  serviceDashboard,
  cacheDashboard,
  consistencyDashboard,
  redisDashboard,
  postgresDashboard,
  runtimeDashboard,
];
