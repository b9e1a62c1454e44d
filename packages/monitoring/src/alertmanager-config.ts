import { createDurations } from './durations.ts';
import { generatedYaml } from './generated-yaml.ts';
import type { MonitoringSettings } from './settings.ts';
import { slos } from './slos.ts';

/** `urgent` wakes somebody, `ticket` waits for the working day, `info` is kept, `watchdog` is missed when silent. */
export const receivers = ['urgent', 'ticket', 'info', 'watchdog'] as const;

/** alertmanager.yml: who is told of what, how often, and what is not worth telling beside something else. */
export function alertmanagerConfig(settings: MonitoringSettings): string {
  const durations = createDurations(settings.durationScale);
  return generatedYaml({
    route: {
      receiver: 'ticket',
      group_by: ['alertname', 'job', 'slo'],
      group_wait: durations.text('30s'),
      group_interval: durations.text('5m'),
      repeat_interval: durations.text('12h'),
      routes: [
        {
          receiver: 'watchdog',
          matchers: ['alertname="Watchdog"'],
          group_wait: durations.text('0s'),
          group_interval: durations.text('1m'),
          repeat_interval: durations.text('1m'),
        },
        {
          receiver: 'urgent',
          matchers: ['severity="critical"'],
          group_wait: durations.text('10s'),
          repeat_interval: durations.text('1h'),
        },
        { receiver: 'info', matchers: ['severity="info"'] },
      ],
    },
    inhibit_rules: inhibitions(),
    receivers: receivers.map((name) => ({
      name,
      webhook_configs: [{ url: `${settings.webhookUrl}${name}`, send_resolved: true }],
    })),
  });
}

function inhibitions() {
  return [
    // The urgent alert says all that the ticket of the same name would: of one objective, for example.
    {
      source_matchers: ['severity="critical"'],
      target_matchers: ['severity=~"warning|info"'],
      equal: ['alertname', 'job'],
    },
    // Without Redis, the cache fails in every way that a warning knows.
    {
      source_matchers: ['alertname="RedisDown"'],
      target_matchers: ['component="cache"', 'severity=~"warning|info"'],
    },
    // Refused writes are failed writes, and each waits for Redis with a connection in its hand.
    {
      source_matchers: ['alertname="CacheWritesRejected"'],
      target_matchers: ['alertname=~"CacheFailureRateHigh|DbPoolSaturated"'],
      equal: ['job'],
    },
    // One wrong entry that is read much spends the budget of days within minutes: no second call for it.
    {
      source_matchers: ['alertname="CacheStaleReadDetected"'],
      target_matchers: ['alertname="ConsistencyBudgetBurn"'],
      equal: ['job'],
    },
    // What cannot be scraped cannot be measured.
    {
      source_matchers: ['alertname="TargetDown"', 'severity="critical"'],
      target_matchers: [`alertname=~"${slos.map((slo) => slo.unmeasuredAlert).join('|')}"`],
      equal: ['job'],
    },
  ];
}
