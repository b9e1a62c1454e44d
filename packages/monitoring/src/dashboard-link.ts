/** The dashboards, by the uid that their links are made of. */
export const dashboardUids = {
  slo: 'throughline-slo',
  service: 'throughline-service',
  cache: 'throughline-cache',
  consistency: 'throughline-consistency',
  redis: 'throughline-redis',
  postgres: 'throughline-postgres',
  runtime: 'throughline-runtime',
} as const;

export type Dashboard = keyof typeof dashboardUids;
