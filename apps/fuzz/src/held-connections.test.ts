import { expect, test } from 'vitest';
import { HeldConnections } from './held-connections.ts';
import { openStandIn } from './testing/stand-in.ts';

const seed = 20_261_127;

test('a server that lets clients stay who never end their request is told by how many there are', async () => {
  await using standIn = await openStandIn();
  await using held = await HeldConnections.open(standIn.target, seed, 8);
  const left = await held.leftOpen(300);
  // Where only the end of a body is missing, the stand-in has said all that it says.
  expect(left).toBeGreaterThan(4);
  expect(left).toBeLessThanOrEqual(held.count);
});

test('a server that hangs up on them is well, and so is one that nobody waits at', async () => {
  await using standIn = await openStandIn();
  await using held = await HeldConnections.open(standIn.target, seed, 8);
  standIn.hangUp();
  expect(await held.leftOpen()).toBe(0);
  await using nobody = await HeldConnections.open(standIn.target, seed, 0);
  expect(await nobody.leftOpen()).toBe(0);
});
