import { QueryClient } from '@tanstack/react-query';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { answerStore } from './answer-store.ts';

export interface Service {
  readonly client: ThroughlineClient;
  readonly queries: QueryClient;
}

/** The service that this page came from, asked with one token or none. What it was told under another one is not shown. */
export function createService(token: string | undefined): Service {
  const client = createClient({
    url: new URL('/trpc', location.href).href,
    token,
    // Each answer tells where it came from; those of a batch would share one head.
    batch: false,
    onAnswer: answerStore.note,
  });
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // The client repeats what may be repeated.
        retry: false,
        // Live changes tell what has to be asked again.
        staleTime: 30_000,
        // Whether the service on this machine is there has nothing to do with a network.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return { client, queries };
}
