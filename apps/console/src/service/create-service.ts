import { QueryClient } from '@tanstack/react-query';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { answerStore } from './answer-store.ts';
import { isAway } from './error-words.ts';
import { NewestProducts } from './newest-products.ts';

export interface Service {
  readonly client: ThroughlineClient;
  readonly queries: QueryClient;
  readonly newest: NewestProducts;
}

/** The service that this page came from, asked with one token or none. */
export function createServiceClient(token: string | undefined): ThroughlineClient {
  return createClient({
    url: new URL('/trpc', location.href).href,
    token,
    retryForMs: limits.retryForMs,
    deadlineMs: limits.deadlineMs,
    // Each answer tells where it came from; those of a batch would share one head.
    batch: false,
    onAnswer: answerStore.note,
  });
}

/** What is known of the service's answers. */
export function createQueries(): Omit<Service, 'client'> {
  const newest = new NewestProducts();
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // The client repeats what may be repeated.
        retry: false,
        staleTime: limits.staleMs,
        // Whether the service on this machine is there has nothing to do with a network.
        networkMode: 'always',
        structuralSharing: newest.share,
        // Nothing else asks again where the service is there and only this answer was lost.
        refetchInterval: ({ state: { error } }) => isAway(error) && limits.awayPollMs,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return { queries, newest };
}

const limits = {
  /** Somebody waits before the screen: long enough for a restart of the service, and no longer. */
  retryForMs: 5_000,
  /** A call that has not ended by then is said to have failed; sending it again with its key is safe. */
  deadlineMs: 15_000,
  /** Live changes tell what has to be asked again; without them, whoever comes back to a view asks anew. */
  staleMs: 10_000,
  /** Each question is repeated for about as long already. */
  awayPollMs: 5_000,
} as const;
