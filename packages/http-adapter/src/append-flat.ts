import type { ServerResponse } from 'node:http';

/** Adds headers that stand name after value in one list. */
export function appendFlat(res: ServerResponse, headers: readonly string[]): void {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    res.appendHeader(headers[index] ?? '', headers[index + 1] ?? '');
  }
}
