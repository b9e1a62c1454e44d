import { useQuery } from '@tanstack/react-query';
import { isAway } from '../service/error-words.ts';
import { useService } from '../service/service-context.ts';
import { extendedHistory, historyMs, type StatusHistory } from './status-history.ts';

/** Asks for the state of the cache again and again, but not while nobody sees this page, and keeps what was told. */
export function useStatusHistory() {
  const { client, queries } = useService();
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const status = await client.cache.status.query(undefined, { signal });
      const before = queries.getQueryData<StatusHistory>(queryKey);
      return extendedHistory(before, status, Date.now());
    },
    staleTime: 0,
    gcTime: historyMs,
    structuralSharing: false,
    // Who was refused will be refused again.
    refetchInterval: ({ state: { error } }) =>
      error === null || isAway(error) ? pollMs : refusedPollMs,
  });
}

const queryKey = ['operations', 'status'];
const pollMs = 1_000;
const refusedPollMs = 15_000;
