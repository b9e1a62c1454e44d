import type { PlacedEvent } from '@throughline/product-repository';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Session } from './session.ts';
import { tellChanges } from './tell-changes.ts';

const event: PlacedEvent = { id: '1', event: { type: 'caught-up' } };

/** One event, and then what a feed does: it throws once its signal is aborted. */
async function* oneEvent(signal: AbortSignal): AsyncGenerator<PlacedEvent> {
  yield event;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  throw signal.reason;
}

test('a client that leaves while the next event is asked for, and nobody waits for it, leaves no rejection behind', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const request = new AbortController();
  const session = new Session({ kind: 'anonymous' }, request.signal);
  const products = { changes: async () => oneEvent(session.signal) };
  const events = await tellChanges(products, {}, session);
  const iterator = events[Symbol.asyncIterator]();
  expect(await iterator.next()).toMatchObject({ done: false });
  const next = iterator.next();
  request.abort();
  await turn();
  expect(unhandled).toEqual([]);
  await expect(next).rejects.toThrow('aborted');
});
