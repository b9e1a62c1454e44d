import { createDurations } from '@throughline/monitoring';
import { type Arrival, receiverOf, watchdog } from './arrival.ts';
import type { AlertName, Drill, ExpectedAlert } from './drill.ts';

/** What happened in a drill, by one clock. */
export interface Course {
  /** The traffic runs, and nothing is wrong. */
  readonly healthyFromMs: number;
  readonly beganMs: number;
  readonly undoneMs: number;
  readonly endedMs: number;
  readonly arrivals: readonly Arrival[];
  /** what Alertmanager kept quiet while the fault lasted */
  readonly inhibited: ReadonlySet<AlertName>;
}

export interface Verdict {
  readonly drill: Drill;
  readonly alerts: readonly AlertTimes[];
  /** Alerts that nobody expected. */
  readonly unexpected: readonly AlertName[];
  /** what Alertmanager kept quiet */
  readonly inhibited: readonly AlertName[];
  /** Sentences; none: everything was as stated. */
  readonly problems: readonly string[];
}

export interface AlertTimes {
  readonly alert: AlertName;
  /** from the fault on; undefined: it never arrived */
  readonly firedAfterSeconds: number | undefined;
  readonly firesWithinSeconds: number;
  /** from the end of the fault on; undefined: it never did, or never fired */
  readonly clearedAfterSeconds: number | undefined;
  readonly clearsWithinSeconds: number;
}

/** Compares what arrived with what the drill states. */
export function judge(drill: Drill, course: Course): Verdict {
  const expected = new Set(drill.alerts.map(({ alert }) => alert));
  const others = course.arrivals.filter(
    ({ alert, status, atMs }) =>
      alert !== watchdog &&
      status === 'firing' &&
      atMs >= course.healthyFromMs &&
      !expected.has(alert),
  );
  const alerts = drill.alerts.map((one) => timesOf(one, drill, course));
  return {
    drill,
    alerts,
    inhibited: [...course.inhibited].sort(),
    unexpected: [...new Set(others.map(({ alert }) => alert))],
    problems: [
      ...alarmsBefore(course),
      ...alerts.flatMap((times) => mistimed(times, course)),
      ...strangers(others, course),
      ...misrouted(course),
      ...loud(drill, course),
      ...unwatched(course),
    ],
  };
}

function timesOf(expected: ExpectedAlert, { durationScale }: Drill, course: Course): AlertTimes {
  const durations = createDurations(durationScale);
  const own = course.arrivals.filter(({ alert }) => alert === expected.alert);
  const first = own.find(({ status, atMs }) => status === 'firing' && atMs >= course.beganMs);
  // Windows of one objective are alerts of one name: it is over when the last of them is.
  const last = new Map(own.map((arrival) => [arrival.fingerprint, arrival]));
  const isOver =
    first !== undefined && [...last.values()].every((one) => one.status === 'resolved');
  const overMs = Math.max(...[...last.values()].map(({ atMs }) => atMs));
  return {
    alert: expected.alert,
    firedAfterSeconds: first && (first.atMs - course.beganMs) / 1_000,
    firesWithinSeconds: durations.seconds(expected.firesWithin),
    clearedAfterSeconds: isOver ? (overMs - course.undoneMs) / 1_000 : undefined,
    clearsWithinSeconds: durations.seconds(expected.clearsWithin),
  };
}

function alarmsBefore({ arrivals, healthyFromMs, beganMs }: Course): string[] {
  const early = arrivals.filter(
    ({ atMs, alert, status }) =>
      alert !== watchdog && status === 'firing' && atMs >= healthyFromMs && atMs < beganMs,
  );
  return [...new Set(early.map(({ alert }) => alert))].map(
    (alert) => `${alert} arrived while nothing was wrong yet.`,
  );
}

function mistimed(times: AlertTimes, { undoneMs, endedMs }: Course): string[] {
  const { alert, firedAfterSeconds: fired, clearedAfterSeconds: cleared } = times;
  const [within, until] = [shown(times.firesWithinSeconds), shown(times.clearsWithinSeconds)];
  if (fired === undefined) return [`${alert} did not arrive; stated are ${within}.`];
  const late =
    fired > times.firesWithinSeconds
      ? [`${alert} arrived ${shown(fired)} after the fault began; stated are ${within}.`]
      : [];
  if (cleared === undefined) {
    const waited = shown((endedMs - undoneMs) / 1_000);
    return [
      ...late,
      `${alert} was not over ${waited} after the end of the fault; stated are ${until}.`,
    ];
  }
  if (cleared < 0) return [...late, `${alert} was said to be over while the fault lasted.`];
  if (cleared <= times.clearsWithinSeconds) return late;
  return [
    ...late,
    `${alert} was over ${shown(cleared)} after the end of the fault; stated are ${until}.`,
  ];
}

function strangers(others: readonly Arrival[], { beganMs, undoneMs }: Course): string[] {
  const first = new Map(others.toReversed().map((arrival) => [arrival.alert, arrival]));
  return [...first.values()]
    .filter(({ atMs }) => atMs >= beganMs)
    .map(({ alert, receiver, atMs }) => {
      const since =
        atMs < undoneMs
          ? `${shown((atMs - beganMs) / 1_000)} after the fault began`
          : `${shown((atMs - undoneMs) / 1_000)} after its end`;
      return `${alert} arrived at ${receiver} ${since}; nobody expects it.`;
    });
}

function misrouted({ arrivals }: Course): string[] {
  const strayed = arrivals.filter(({ alert, receiver }) => receiver !== expectedReceiver(alert));
  const told = strayed.map(
    ({ alert, receiver }) => `${alert} went to ${receiver} instead of ${expectedReceiver(alert)}.`,
  );
  return [...new Set(told)];
}

function expectedReceiver(alert: AlertName): string {
  if (alert === watchdog) return 'watchdog';
  if (alert.endsWith(' critical')) return receiverOf.critical;
  return alert.endsWith(' warning') ? receiverOf.warning : receiverOf.info;
}

/** What should have been kept quiet and never fired: then the drill shows nothing of the inhibition. */
function loud(drill: Drill, { inhibited }: Course): string[] {
  return drill.inhibited
    .filter((alert) => !inhibited.has(alert))
    .map((alert) => `${alert} was not among what Alertmanager kept quiet.`);
}

/** Silence means something only while the way of alerts works. */
function unwatched(course: Course): string[] {
  const phases = [
    ['before the fault', course.healthyFromMs, course.beganMs],
    ['during the fault', course.beganMs, course.undoneMs],
    ['after the fault', course.undoneMs, course.endedMs],
  ] as const;
  return phases
    .filter(
      ([, fromMs, toMs]) =>
        !course.arrivals.some(
          (one) => one.alert === watchdog && one.atMs >= fromMs && one.atMs < toMs,
        ),
    )
    .map(
      ([phase]) =>
        `The Watchdog did not arrive ${phase}: the way of alerts is broken, and silence means nothing.`,
    );
}

function shown(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}
