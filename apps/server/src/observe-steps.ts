import type { Logger, Metrics } from '@throughline/telemetry';
import type { Interception } from '@throughline/write-through';
import type { StepTiming } from './request-timing.ts';

/** Those that reads and writes consist of. */
const measuredSteps = ['get', 'lease', 'fill', 'intend', 'publish', 'abandon', 'resolve'] as const;

interface StepWatchers {
  /** Left out, nothing is counted. */
  readonly metrics: Pick<Metrics, 'observe'> | undefined;
  readonly logger: Logger;
  readonly timing: Pick<StepTiming, 'addCacheTime'>;
}

/**
 * Tells how long each step of the cache takes: the metrics, the request that waits for it, and at debug the log. Every
 * read waits for this, so it is one layer and not three.
 */
export function observeSteps({ metrics, logger, timing }: StepWatchers): Interception {
  const isLogged = logger.isLevelEnabled('debug');
  return async (step, send) => {
    const beganMs = performance.now();
    const tell = (outcome: StepOutcome, err?: unknown) => {
      const ms = performance.now() - beganMs;
      timing.addCacheTime(ms);
      const measured = metrics && measuredSteps.find((name) => name === step);
      if (measured !== undefined) {
        metrics?.observe('cache_step_duration_seconds', { step: measured, outcome }, ms / 1000);
      }
      if (isLogged) logger.debug({ step, outcome, ms, err }, 'cache step');
    };
    try {
      const reply = await send();
      tell(outcomeOf(reply));
      return reply;
    } catch (err) {
      tell('failed', err);
      throw err;
    }
  };
}

/** `answered`: with an entry, or with several. */
type StepOutcome = 'answered' | 'applied' | 'superseded' | 'untrusted' | 'failed';

function outcomeOf(reply: unknown): StepOutcome {
  if (typeof reply !== 'object' || reply === null || !('state' in reply)) return 'answered';
  const { state } = reply;
  const isChange = state === 'applied' || state === 'superseded' || state === 'untrusted';
  return isChange ? state : 'answered';
}
