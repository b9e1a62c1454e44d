import type { AppRouter } from '@throughline/api';
import type { httpLink } from '@trpc/client';
import { clientError, gatewayStatuses } from './client-error.ts';

/** What of the platform's `fetch` the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type FetchOfLibrary = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]['fetch']>;

/**
 * Requests with this `fetch`, whose answers are the service's. Of anything else, such as the page of a gateway, the
 * library would say that it is JSON that cannot be read, or nothing at all.
 */
export function fetchAnswer(fetch: Fetch): FetchOfLibrary {
  return async (url, init) => {
    if (typeof url !== 'string')
      throw new TypeError('The links of the library give a URL as text.');
    const response = await fetch(url, { ...init, signal: init?.signal ?? null });
    if (await isOfService(response)) return response;
    await response.body?.cancel();
    const what = gatewayStatuses.has(response.status)
      ? 'The service could not be reached'
      : 'What answered is not the service';
    throw clientError(new Error(`${what}: HTTP ${response.status}.`), { response });
  };
}

async function isOfService(response: Response): Promise<boolean> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return false;
  if (response.ok) return true;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return typeof body === 'object' && body !== null && 'error' in body;
}
