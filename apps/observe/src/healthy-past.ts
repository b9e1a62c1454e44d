import { createDurations } from '@throughline/monitoring';

/** Events a second, by objective: about what the traffic makes. */
const trafficPerSecond = { availability: 70, read_latency: 50, write_latency: 10 } as const;
type EventsPerSecond = Record<keyof typeof trafficPerSecond | 'consistency', number>;

/**
 * Three days, before scaling, of a process that served the same traffic without a fault, in the OpenMetrics
 * format: counters for windows of hours, recorded rates for windows of days. Without them, the first minutes of a
 * Prometheus are all that the windows of days hold, and alerts that count budgets of days fire for minutes of trouble.
 *
 * The auditor judges about one entry a second however short an hour is made, so the past has as many of them as
 * an hour of full length.
 */
export function healthyPast(durationScale: number, endMs: number): string {
  const durations = createDurations(durationScale);
  const stepSeconds = durations.seconds('15s');
  const steps = Math.floor(durations.seconds('3d') / stepSeconds);
  const beganSeconds = endMs / 1_000 - steps * stepSeconds;
  const eventsPerSecond = { ...trafficPerSecond, consistency: 1 / durationScale };
  const lines = [
    ...recordedOf(eventsPerSecond).map(([series, rate]) => [series, () => rate] as const),
    ...countersOf(eventsPerSecond).map(
      ([series, perSecond]) => [series, (at: number) => perSecond * at] as const,
    ),
  ].flatMap(([series, valueAt]) =>
    Array.from({ length: steps }, (_, step) => {
      const at = step * stepSeconds;
      return `${series} ${String(valueAt(at))} ${(beganSeconds + at).toFixed(3)}`;
    }),
  );
  return `${lines.join('\n')}\n# EOF\n`;
}

function recordedOf(events: EventsPerSecond): (readonly [series: string, rate: number])[] {
  return Object.entries(events).flatMap(([slo, perSecond]) => [
    [`slo:events:rate5m{job="throughline",slo="${slo}"}`, perSecond] as const,
    [`slo:bad_events:rate5m{job="throughline",slo="${slo}"}`, 0] as const,
  ]);
}

function countersOf(events: EventsPerSecond): (readonly [series: string, perSecond: number])[] {
  return [
    [`trpc_requests_total{${labels('error_class="none"')}}`, events.availability],
    [`trpc_requests_total{${labels('error_class="server"')}}`, 0],
    [`product_read_duration_seconds_count{${labels()}}`, events.read_latency],
    [`product_read_duration_seconds_bucket{${labels('le="0.1"')}}`, events.read_latency],
    [`product_write_duration_seconds_count{${labels()}}`, events.write_latency],
    [`product_write_duration_seconds_bucket{${labels('le="0.25"')}}`, events.write_latency],
    [`cache_audits_total{${labels('result="same"')}}`, events.consistency],
    [`cache_audits_total{${labels('result="violation"')}}`, 0],
  ];
}

function labels(more?: string): string {
  return ['job="throughline"', 'instance="past"', ...(more === undefined ? [] : [more])].join(',');
}
