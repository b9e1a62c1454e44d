import type { Logger, Metrics } from '@throughline/telemetry';
import type { KeySetObserver } from './remote-key-set.ts';

/** Counts every fetch of the keys of tokens, and tells when fetching fails first and when it works again. */
export function observeKeySet(
  metrics: Pick<Metrics, 'counter'>,
  logger: Pick<Logger, 'info' | 'warn'>,
): KeySetObserver {
  const countFetched = metrics.counter('token_key_fetches_total', { outcome: 'ok' });
  const countFailed = metrics.counter('token_key_fetches_total', { outcome: 'error' });
  let isAway = false;
  return {
    fetched() {
      countFetched();
      if (isAway) logger.info('the keys of tokens can be fetched again');
      isAway = false;
    },
    failed(err) {
      countFailed();
      if (!isAway) logger.warn({ err }, 'the keys of tokens cannot be fetched');
      isAway = true;
    },
  };
}
