import type { Logger, Metrics, Observer } from '@throughline/telemetry';
import type { Interception, StoreStep } from '@throughline/write-through';
import type { StepTiming } from './request-timing.ts';
import { SharedLookups } from './shared-lookups.ts';

/** Those that reads and writes consist of. */
const measuredSteps = ['get', 'lease', 'fill', 'intend', 'publish', 'abandon', 'resolve'] as const;

interface StepWatchers {
  /** Left out, nothing is counted. */
  readonly metrics: Pick<Metrics, 'histogram'> | undefined;
  readonly logger: Logger;
  readonly timing: Pick<StepTiming, 'addCacheTime' | 'running'>;
}

/**
 * Tells how long each step of the cache takes: the metrics, the request that waits for it, and at debug the log. Every
 * read waits for this, so it is one layer and not three, and reads that share a lookup share what is told of it.
 */
export function observeSteps({ metrics, logger, timing }: StepWatchers): Interception {
  const isLogged = logger.isLevelEnabled('debug');
  const durations = durationsOf(metrics);
  const tell = (step: StoreStep, ms: number, end: PromiseSettledResult<unknown>) => {
    const outcome = outcomeOf(end);
    durations.get(step)?.[outcome](ms / 1000);
    if (!isLogged) return;
    const err: unknown = end.status === 'rejected' ? end.reason : undefined;
    logger.debug({ step, outcome, ms, err }, 'cache step');
  };
  const lookups = new SharedLookups(timing, (ms, end) => tell('get', ms, end));
  return (step, send) => {
    if (step === 'get') {
      const answer = send();
      lookups.join(answer);
      return answer;
    }
    const beganMs = performance.now();
    const ended = (end: PromiseSettledResult<unknown>) => {
      const ms = performance.now() - beganMs;
      timing.addCacheTime(ms);
      tell(step, ms, end);
    };
    return send().then(
      (value) => {
        ended({ status: 'fulfilled', value });
        return value;
      },
      (reason: unknown) => {
        ended({ status: 'rejected', reason });
        throw reason;
      },
    );
  };
}

type Durations = Readonly<Record<StepOutcome, Observer>>;

/** Looked up once for each step and each end. */
function durationsOf(metrics: StepWatchers['metrics']): ReadonlyMap<StoreStep, Durations> {
  if (metrics === undefined) return new Map();
  const ended = (step: (typeof measuredSteps)[number], outcome: StepOutcome) =>
    metrics.histogram('cache_step_duration_seconds', { step, outcome });
  return new Map(
    measuredSteps.map((step) => [
      step,
      {
        answered: ended(step, 'answered'),
        applied: ended(step, 'applied'),
        superseded: ended(step, 'superseded'),
        untrusted: ended(step, 'untrusted'),
        failed: ended(step, 'failed'),
      },
    ]),
  );
}

/** `answered`: with an entry, or with several. */
type StepOutcome = 'answered' | 'applied' | 'superseded' | 'untrusted' | 'failed';

function outcomeOf(end: PromiseSettledResult<unknown>): StepOutcome {
  if (end.status === 'rejected') return 'failed';
  const reply = end.value;
  if (typeof reply !== 'object' || reply === null || !('state' in reply)) return 'answered';
  const { state } = reply;
  const isChange = state === 'applied' || state === 'superseded' || state === 'untrusted';
  return isChange ? state : 'answered';
}
