import { requestError, toErrorShape, type RequestErrorCode } from '@throughline/api';
import type { ServerResponse } from 'node:http';

const jsonHead = ['content-type', 'application/json', 'cache-control', 'no-store'];

/** `headers`: name after value in one flat list. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: readonly string[] = [],
): void {
  res.writeHead(status, [...jsonHead, ...headers]);
  res.end(JSON.stringify(body));
}

/** Refuses a request in the form that every error has. */
export function sendRequestError(
  res: ServerResponse,
  code: RequestErrorCode,
  headers: readonly string[] = [],
): void {
  const { status, text, head } = refusalOf(code);
  res.writeHead(status, [...head, ...headers]);
  res.end(text);
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly head: readonly string[];
}

const refusals = new Map<RequestErrorCode, Refusal>();

/** They come by the thousand while the process has too much to do, so each is made once, and of a known length goes out in one piece. */
function refusalOf(code: RequestErrorCode): Refusal {
  const known = refusals.get(code);
  if (known !== undefined) return known;
  const error = requestError(code);
  const text = JSON.stringify({ error: toErrorShape(error) });
  const length = String(Buffer.byteLength(text));
  const head = [...jsonHead, 'content-length', length];
  const made = { status: error.httpStatus, text, head };
  refusals.set(code, made);
  return made;
}
