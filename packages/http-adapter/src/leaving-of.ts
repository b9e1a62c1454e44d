import type { ServerResponse } from 'node:http';

/**
 * Aborted when the client leaves before its answer is complete. Not the signal of a `Request`: one that was made of
 * another follows it only until that is collected as garbage, and what goes on for its client would go on for ever.
 */
export function leavingOf(res: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  res.once('close', () => {
    if (!res.writableEnded) leaving.abort();
  });
  return leaving.signal;
}
