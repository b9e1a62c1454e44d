import { expect, test } from 'vitest';
import { goingOn } from './going-on.ts';
import { openStandIn } from './testing/stand-in.ts';

/** A server whose metrics say at each look the next of these, and the last one for ever. */
async function openTelling(texts: string[]) {
  return openStandIn({
    answer: (_, res) => {
      res.end(texts.length > 1 ? texts.shift() : texts[0]);
      return true;
    },
  });
}

test('what ends a moment later is waited for', async () => {
  await using standIn = await openTelling([
    'change_followers 3\ntrpc_requests_in_flight 1\n',
    'change_followers 0\ntrpc_requests_in_flight 1\n',
    'change_followers 0\ntrpc_requests_in_flight 0\ndb_pool_waiting{pool="reads"} 0\n',
  ]);
  expect(await goingOn(standIn.target.ports.operations)).toBeUndefined();
});

test('what does not end is told of', async () => {
  await using standIn = await openTelling([
    'change_followers 0\ndb_pool_waiting{pool="reads"} 2\n',
  ]);
  expect(await goingOn(standIn.target.ports.operations, 1)).toBe(
    'db_pool_waiting is 2, and nobody is there',
  );
});
