import { createClient } from '@throughline/client';
import { expect, test } from 'vitest';
import { restartPauseMs } from './restart-pause.ts';

test.each([
  ['CHANGES_NOT_KEPT', 412, true],
  ['INTERNAL', 500, true],
  ['TOKEN_REJECTED', 401, false],
])('after %s a subscription is begun anew, or not', async (serviceCode, httpStatus, isBegun) => {
  const error = { message: 'Refused.', code: -32000, data: { code: '', httpStatus, serviceCode } };
  const client = createClient({
    url: 'http://service.invalid/trpc',
    fetch: async () => Response.json({ error }, { status: httpStatus }),
  });
  const ended = await new Promise((onError) => {
    client.product.changes.subscribe({}, { onError });
  });
  expect(restartPauseMs(ended) !== undefined).toBe(isBegun);
});

test('a fault of the page is none that a pause would mend', () => {
  expect(restartPauseMs(new TypeError('Ours.'))).toBeUndefined();
});
