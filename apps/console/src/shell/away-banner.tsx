import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { isAway } from '../service/error-words.ts';
import classes from './away-banner.module.css';

/** Says that nobody answers, and as of when everything is that is shown, while something on the screen was asked in vain. */
export function AwayBanner() {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((listener: () => void) => cache.subscribe(listener), [cache]);
  const latestMs = useSyncExternalStore(subscribe, () => {
    const queries = cache.findAll({ type: 'active' });
    if (!queries.some(({ state }) => isAway(state.error))) return undefined;
    return Math.max(...queries.map(({ state }) => state.dataUpdatedAt));
  });
  if (latestMs === undefined) return null;
  const time = new Date(latestMs).toLocaleTimeString();
  return (
    <div className={classes['banner']} role="alert">
      The service does not answer.{' '}
      {latestMs > 0 ? `What you see is as of ${time}.` : 'There is nothing to show yet.'} It is
      asked again as soon as it is back.
    </div>
  );
}
