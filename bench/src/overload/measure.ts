import type { Program } from '../program.ts';
import type { Call } from '../workloads/calls.ts';
import { Crowd, type CrowdResult } from './crowd.ts';
import type { Load } from './loads.ts';
import { Watch, type Watched } from './watch.ts';

/** How much is measured. */
export interface OverloadPlan {
  readonly mode: 'full' | 'quick';
  readonly products: number;
  /** Of the capacity, one step each. */
  readonly factors: readonly number[];
  readonly warmSeconds: number;
  readonly capacitySeconds: number;
  readonly stepSeconds: number;
  /** As many as may ask at once. */
  readonly connections: number;
}

export const overloadPlans: Readonly<Record<OverloadPlan['mode'], OverloadPlan>> = {
  full: {
    mode: 'full',
    products: 10_100,
    factors: [0.5, 0.75, 1, 1.5, 2, 3, 4, 5],
    warmSeconds: 6,
    capacitySeconds: 1.5,
    stepSeconds: 4,
    connections: 2000,
  },
  quick: {
    mode: 'quick',
    products: 1100,
    factors: [1, 5],
    warmSeconds: 1,
    capacitySeconds: 0.5,
    stepSeconds: 1.5,
    connections: 2000,
  },
};

export interface Step extends CrowdResult {
  /** What was offered, of the capacity just before. */
  readonly factor: number;
  /**
   * Answers a second with so many clients as keep the process busy, each of which asks again when it is answered: the mean of
   * just before and just after, as the machine has other things to do now and then.
   */
  readonly capacityPerSecond: number;
  readonly watched: Watched;
}

export interface LoadCurve {
  readonly load: Pick<Load, 'name' | 'key'>;
  readonly steps: readonly Step[];
}

export interface OverloadOptions {
  readonly plan: OverloadPlan;
  readonly service: Program;
  readonly token: string;
  readonly say: (message: string) => void;
}

/** Answered by its path alone. */
const noCall: Call = { path: 'none' };
/** As many as keep a process busy, and no more. */
const atOnce = 64;

/** Offers a load in steps, from half of what the service can do to several times as much. */
export async function measureOverload(load: Load, options: OverloadOptions): Promise<LoadCurve> {
  const { plan, service, token, say } = options;
  const { port, pathname } = new URL(service.trpcUrl);
  using crowd = new Crowd(Number(port), plan.connections);
  const request = () => requestText(pathname, load.call(), token);
  const saturate = async (seconds: number) =>
    rateOf(await crowd.saturate(atOnce, seconds, request));
  await crowd.open(requestText(pathname, noCall, token));
  await saturate(plan.warmSeconds);
  const steps: Step[] = [];
  let capacity = await saturate(plan.capacitySeconds);
  for (const factor of plan.factors.filter((each) => each <= load.factorMax)) {
    await using watch = new Watch(service.metricsUrl);
    const result = await crowd.offer(capacity * factor, plan.stepSeconds, request);
    const watched = await watch.end();
    const after = await saturate(plan.capacitySeconds);
    const step = { ...result, factor, watched, capacityPerSecond: (capacity + after) / 2 };
    capacity = after;
    steps.push(step);
    say(`${load.name}: ${rateOf(step).toFixed(0)}/s served at ${factor} x`);
  }
  return { load, steps };
}

/** Calls served a second. */
export function rateOf({ served, seconds }: Pick<CrowdResult, 'served' | 'seconds'>): number {
  return served / seconds;
}

function requestText(prefix: string, { path, body }: Call, token: string): string {
  const head = `${prefix}/${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
  if (body === undefined) return `GET ${head}\r\n`;
  return `POST ${head}authorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
