import type { ServiceSources } from '@throughline/telemetry';
import type { DealtOutcome } from './dealer.ts';

const states = ['starting', 'ready', 'draining'] as const;
const outcomes = ['dealt', 'full', 'late'] as const satisfies DealtOutcome[];
const reasons = ['died', 'replaced', 'stopped'] as const;

export type WorkerState = (typeof states)[number];
/** `died`: nobody told it to. `replaced`: by another, in a rolling restart. */
export type WorkerEndReason = (typeof reasons)[number];

/** How many workers are in each state, and how many ended so far and why. */
export interface WorkerCounts {
  readonly living: Readonly<Record<WorkerState, number>>;
  readonly ended: Readonly<Record<WorkerEndReason, number>>;
}

/** Of a process that serves alone. */
export const noWorkers = (): WorkerCounts => ({
  living: { starting: 0, ready: 0, draining: 0 },
  ended: { died: 0, replaced: 0, stopped: 0 },
});

export type DealtCounts = Readonly<Record<DealtOutcome, number>>;

export const nothingDealt = (): DealtCounts => ({ dealt: 0, full: 0, late: 0 });

/** What there is to tell of workers, and of connections to them, at every scrape. */
export function workerSources(
  counts: () => WorkerCounts,
  dealt: () => DealtCounts,
): Pick<
  ServiceSources,
  'service_workers' | 'service_worker_ends_total' | 'service_connections_total'
> {
  return {
    service_connections_total: () =>
      outcomes.map((outcome) => ({ labels: { outcome }, value: dealt()[outcome] })),
    service_workers: () =>
      states.map((state) => ({ labels: { state }, value: counts().living[state] })),
    service_worker_ends_total: () =>
      reasons.map((reason) => ({ labels: { reason }, value: counts().ended[reason] })),
  };
}
