import { type RateLimitedError, toErrorShape, toPublicError } from '@throughline/api';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from './console-pages.ts';
import { sendJson } from './json-response.ts';
import type { PublicHeaders } from './public-headers.ts';
import type { RateLimits } from './rate-limits.ts';
import { notePage } from './unread-answers.ts';

export interface PageLimits {
  readonly rates: Pick<RateLimits, 'ofAddress'> | undefined;
  readonly onRefused: () => void;
}

/**
 * Answers with a page, to an address that has not sent more than it may. Whoever opens a page has no token to be counted by.
 * Admission lets everybody in: a page waits for nothing, and is with the kernel before the next request is looked at.
 */
export async function servePage(
  page: Page,
  [req, res]: readonly [IncomingMessage, ServerResponse],
  headers: PublicHeaders,
  { rates, onRefused }: PageLimits,
): Promise<void> {
  notePage(res);
  const refused = (await rates?.ofAddress(req)) ?? null;
  if (refused === null) return page.send(req, res, headers.ofPage);
  onRefused();
  sendRateLimited(res, refused, headers.of(req));
}

function sendRateLimited(
  res: ServerResponse,
  refused: RateLimitedError,
  headers: readonly string[],
): void {
  const error = toPublicError(refused);
  const retry = ['retry-after', String(refused.retryAfterSeconds)];
  sendJson(res, error.httpStatus, { error: toErrorShape(error) }, [...headers, ...retry]);
}
