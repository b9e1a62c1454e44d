export type { Notification, NotificationReceiver, NotifiedAlert } from './notification-receiver.ts';
export {
  ObservedService,
  openObservedService,
  type ObservedServiceOptions,
  type ObservedUrls,
} from './observed-service.ts';
export type { ObservedPorts } from './observed-ports.ts';
export type { ActiveAlert, PrometheusApi, QueryResult, Rule, Target } from './prometheus-api.ts';
export type { Traffic } from './traffic.ts';
