import { requestError, toErrorShape, type RequestErrorCode } from '@throughline/api';
import type { ServerResponse } from 'node:http';

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

/** Refuses a request in the form that every error has. */
export function sendRequestError(res: ServerResponse, code: RequestErrorCode): void {
  const error = requestError(code);
  sendJson(res, error.httpStatus, { error: toErrorShape(error) });
}
