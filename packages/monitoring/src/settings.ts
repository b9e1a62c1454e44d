/** What differs between installations. These values are those of the committed files. */
export interface MonitoringSettings {
  /** every duration is multiplied by it */
  readonly durationScale: number;
  /** runbooks are this and the alert's name with `.md` */
  readonly runbooksUrl: string;
  readonly grafanaUrl: string;
  /** where notifications go; the name of the receiver is added */
  readonly webhookUrl: string;
  /** host and port that Prometheus scrapes, by job */
  readonly targets: Readonly<Record<Job, readonly string[]>>;
}

/** The jobs of Prometheus. The service's is the one that rules name. */
export type Job = 'throughline' | 'redis' | 'postgres' | 'prometheus' | 'alertmanager';

export const serviceJob = 'throughline' satisfies Job;

export const defaultSettings: MonitoringSettings = {
  durationScale: 1,
  runbooksUrl: 'https://github.com/throughline/throughline/blob/main/docs/runbooks/',
  grafanaUrl: 'http://localhost:3001/',
  webhookUrl: 'http://notifications:9095/',
  targets: {
    throughline: ['server:9464'],
    redis: ['redis-exporter:9121'],
    postgres: ['postgres-exporter:9187'],
    prometheus: ['localhost:9090'],
    alertmanager: ['alertmanager:9093'],
  },
};
