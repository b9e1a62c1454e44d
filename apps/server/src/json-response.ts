import { requestError, toErrorShape, type RequestErrorCode } from '@throughline/api';
import type { ServerResponse } from 'node:http';

/** `headers`: name after value in one flat list. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: readonly string[] = [],
): void {
  const own = ['content-type', 'application/json', 'cache-control', 'no-store'];
  res.writeHead(status, [...own, ...headers]);
  res.end(JSON.stringify(body));
}

/** Refuses a request in the form that every error has. */
export function sendRequestError(
  res: ServerResponse,
  code: RequestErrorCode,
  headers: readonly string[] = [],
): void {
  const error = requestError(code);
  sendJson(res, error.httpStatus, { error: toErrorShape(error) }, headers);
}
