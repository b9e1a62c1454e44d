import { createClient } from '@throughline/client';
import { createDurations, type Duration } from '@throughline/monitoring';
import { setTimeout as delay } from 'node:timers/promises';
import { type ObservedService, openObservedService } from '../observed-service.ts';
import { AlertWatch } from './alert-watch.ts';
import { arrivalsOf, watchdog } from './arrival.ts';
import type { Drill } from './drill.ts';
import { type Course, judge, type Verdict } from './verdict.ts';

export interface RunOptions {
  /** told what happens, for a person who watches */
  readonly tell: (text: string) => void;
  /**
   * So long, before scaling, nothing may be said before the fault; 6m unless said otherwise: rates over five minutes
   * have all their samples by then.
   */
  readonly healthyFor?: Duration;
  /**
   * So long after the last alert is over nothing else may be said; 6m unless said otherwise: a group of alerts is
   * looked at every five minutes.
   */
  readonly calmFor?: Duration;
}

const healthyWithinMs = 60_000;

/** Opens a service of its own, lets the drill break it, and compares what arrives with what is stated. */
export async function runDrill(drill: Drill, options: RunOptions): Promise<Verdict> {
  const { environment = {}, postgresArguments = [], durationScale } = drill;
  const say = (text: string) => options.tell(`${drill.name}: ${text}`);
  await using observed = await openObservedService({
    environment,
    postgresArguments,
    durationScale,
    healthyPast: true,
    notified: (notification) => {
      for (const { alert, receiver, status } of arrivalsOf(notification)) {
        if (alert !== watchdog) say(`${alert} ${status} at ${receiver}`);
      }
    },
  });
  await observed.traffic.start();
  const watch = new AlertWatch(observed);
  await watch.healthy(healthyWithinMs);
  return judge(drill, await follow(drill, observed, { ...options, say }));
}

async function follow(
  drill: Drill,
  observed: ObservedService,
  options: Omit<RunOptions, 'tell'> & { readonly say: (text: string) => void },
): Promise<Course> {
  const { say, healthyFor = '6m', calmFor = '6m' } = options;
  const durations = createDurations(drill.durationScale);
  const ms = (duration: Duration) => durations.seconds(duration) * 1_000;
  const seconds = (duration: Duration) => `${durations.seconds(duration).toFixed(0)} s`;
  const watch = new AlertWatch(observed);
  const healthyFromMs = Date.now();
  say(`nothing is wrong for ${seconds(healthyFor)}`);
  await delay(ms(healthyFor));
  say(`${drill.fault} It lasts ${seconds(drill.lasts)}.`);
  const beganMs = Date.now();
  const undo = await drill.begin({
    redis: observed.redis,
    databaseUrl: observed.postgres.url,
    client: createClient({ url: observed.urls.trpc, token: observed.token, retryForMs: 0 }),
  });
  await watch.lookWhile(() => Date.now() < beganMs + ms(drill.lasts));
  await undo();
  const undoneMs = Date.now();
  say('it is undone');
  const clearWithinMs = Math.max(...drill.alerts.map(({ clearsWithin }) => ms(clearsWithin)));
  await watch.lookWhile(() => Date.now() < undoneMs + clearWithinMs && watch.isAnyFiring(drill));
  await delay(ms(calmFor));
  const { arrivals, inhibited } = watch;
  return { healthyFromMs, beganMs, undoneMs, endedMs: Date.now(), arrivals, inhibited };
}
