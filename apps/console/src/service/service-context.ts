import { createContext, use } from 'react';
import type { Service } from './create-service.ts';

export const ServiceContext = createContext<Service | null>(null);

/** What the pages ask; for TanStack Query's own options there is `useTRPC`. */
export function useService(): Service {
  const service = use(ServiceContext);
  if (service === null) throw new Error('There is no service around this component.');
  return service;
}
