import { expect, test } from 'vitest';
import type { Arrival } from './arrival.ts';
import type { AlertName, Drill } from './drill.ts';
import { type Course, judge } from './verdict.ts';

/** A sixtieth: minutes are seconds. */
const drill: Drill = {
  name: 'store-killed',
  fault: 'The store is killed.',
  durationScale: 1 / 60,
  lasts: '10m',
  alerts: [{ alert: 'StoreDown critical', firesWithin: '3m', clearsWithin: '5m' }],
  inhibited: ['StoreSlow warning'],
  begin: async () => async () => undefined,
};

/** The fault begins 10 s after the traffic and lasts for ten. */
const [beganMs, undoneMs, endedMs] = [10_000, 20_000, 30_000];

function arrival(atMs: number, alert: AlertName, more: Partial<Arrival> = {}): Arrival {
  return { atMs, alert, receiver: 'urgent', status: 'firing', fingerprint: alert, ...more };
}

const watchdogs = [1_000, 11_000, 21_000].map((atMs) =>
  arrival(atMs, 'Watchdog info', { receiver: 'watchdog' }),
);
const fired = arrival(12_000, 'StoreDown critical');
const cleared = arrival(24_500, 'StoreDown critical', { status: 'resolved' });

function course(...arrivals: Arrival[]): Course {
  const inhibited = new Set<AlertName>(['StoreSlow warning']);
  return { healthyFromMs: 0, beganMs, undoneMs, endedMs, arrivals, inhibited };
}

test('exactly the stated alert, in time, and over in time, is as stated', () => {
  expect(judge(drill, course(...watchdogs, fired, cleared))).toMatchObject({
    alerts: [{ firedAfterSeconds: 2, firesWithinSeconds: 3, clearedAfterSeconds: 4.5 }],
    unexpected: [],
    inhibited: ['StoreSlow warning'],
    problems: [],
  });
});

test('an alert that is not stated is told, with its receiver and its time', () => {
  const other = arrival(15_000, 'Other warning', { receiver: 'ticket' });
  const after = arrival(26_000, 'Late warning', { receiver: 'ticket' });
  const { unexpected, problems } = judge(drill, course(...watchdogs, fired, other, cleared, after));
  expect(unexpected).toEqual(['Other warning', 'Late warning']);
  expect(problems).toEqual([
    'Late warning arrived at ticket 6.0 s after its end; nobody expects it.',
    'Other warning arrived at ticket 5.0 s after the fault began; nobody expects it.',
  ]);
});

test('the same name with another severity is another alert', () => {
  const ticket = arrival(15_000, 'StoreDown warning', { receiver: 'ticket' });
  const { unexpected } = judge(drill, course(...watchdogs, fired, ticket, cleared));
  expect(unexpected).toEqual(['StoreDown warning']);
});

test('an alert that never arrives is told once', () => {
  const { alerts, problems } = judge(drill, course(...watchdogs));
  expect(alerts[0]?.firedAfterSeconds).toBeUndefined();
  expect(problems).toEqual(['StoreDown critical did not arrive; stated are 3.0 s.']);
});

test('an alert that comes late, or stays for too long, is told', () => {
  const late = arrival(14_000, 'StoreDown critical');
  const { problems } = judge(drill, course(...watchdogs, late, { ...cleared, atMs: 26_000 }));
  expect(problems).toEqual([
    'StoreDown critical arrived 4.0 s after the fault began; stated are 3.0 s.',
    'StoreDown critical was over 6.0 s after the end of the fault; stated are 5.0 s.',
  ]);
});

test('an alert is not over before the last of its windows is', () => {
  const window = arrival(13_000, 'StoreDown critical', { fingerprint: '6h' });
  const { problems } = judge(drill, course(...watchdogs, fired, window, cleared));
  expect(problems).toEqual([
    'StoreDown critical was not over 10.0 s after the end of the fault; stated are 5.0 s.',
  ]);
});

test('an alert that is over while the fault lasts is told', () => {
  const { problems } = judge(drill, course(...watchdogs, fired, { ...cleared, atMs: 15_000 }));
  expect(problems).toEqual(['StoreDown critical was said to be over while the fault lasted.']);
});

test('whatever arrives before the fault is told, stated or not', () => {
  const early = arrival(4_000, 'Other warning', { receiver: 'ticket' });
  const { problems } = judge(drill, course(early, ...watchdogs, fired, cleared));
  expect(problems).toEqual(['Other warning arrived while nothing was wrong yet.']);
});

test('an alert at the wrong receiver is told', () => {
  const strayed = { ...fired, receiver: 'ticket' };
  const { problems } = judge(drill, course(...watchdogs, strayed, cleared));
  expect(problems).toEqual(['StoreDown critical went to ticket instead of urgent.']);
});

test('an inhibition that had nothing to keep quiet is told', () => {
  const heard = { ...course(...watchdogs, fired, cleared), inhibited: new Set<AlertName>() };
  expect(judge(drill, heard).problems).toEqual([
    'StoreSlow warning was not among what Alertmanager kept quiet.',
  ]);
});

test('silence without the Watchdog means nothing', () => {
  const { problems } = judge(drill, course(...watchdogs.slice(0, 2), fired, cleared));
  expect(problems).toEqual([
    'The Watchdog did not arrive after the fault: the way of alerts is broken, and silence means nothing.',
  ]);
});
