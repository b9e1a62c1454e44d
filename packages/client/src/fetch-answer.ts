import type { AppRouter } from '@throughline/api';
import type { httpLink } from '@trpc/client';
import {
  clientError,
  gatewayStatuses,
  type HttpAnswer,
  type ThroughlineError,
} from './client-error.ts';

/** What of the platform's `fetch` the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type FetchOfLibrary = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]['fetch']>;

/**
 * Requests with this `fetch`, whose answers are the service's. Of anything else, such as the page of a gateway, the
 * library would say that it is JSON that cannot be read, or nothing at all.
 */
export function fetchAnswer(
  fetch: Fetch,
  isOurs: (response: Response) => Promise<boolean>,
): FetchOfLibrary {
  return async (url, init) => {
    if (typeof url !== 'string')
      throw new TypeError('The links of the library give a URL as text.');
    const response = await fetch(url, { ...init, signal: init?.signal ?? null });
    if (await isOurs(response)) return response;
    await response.body?.cancel();
    throw foreignAnswer(response);
  };
}

/** The error for an answer that is not the service's. */
export function foreignAnswer(response: HttpAnswer): ThroughlineError {
  const what = gatewayStatuses.has(response.status)
    ? 'The service could not be reached'
    : 'What answered is not the service';
  return clientError(new Error(`${what}: HTTP ${response.status}.`), { response });
}

/** Whether an answer is the service's, for all that can be told before it is read. */
export async function isOfService(response: Response): Promise<boolean> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return false;
  if (response.ok) return true;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return typeof body === 'object' && body !== null && 'error' in body;
}

/** The same of an answer to a batch, whose first line tells what is to come. Rejects if the line does not arrive. */
export async function isStreamOfService(response: Response): Promise<boolean> {
  if (!(await isOfService(response))) return false;
  return !response.ok || (await beginsWith(streamHead, response.clone()));
}

/** The library announces the answers by their places in the batch. */
const streamHead = '{"0":[';

async function beginsWith(text: string, { body }: Response): Promise<boolean> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let begin = '';
  while (begin.length < text.length) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) break;
    begin += decoder.decode(chunk.value, { stream: true });
  }
  // Not awaited, as that would wait for the other reader of the same body.
  reader?.cancel().catch(() => undefined);
  return begin.startsWith(text);
}
