import { describe, expect, it } from 'vitest';
import { openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { interceptedStore, type StoreStep } from './intercepted-store.ts';
import { interceptedTransactions } from './testing/intercepted-transactions.ts';

/** A store whose first use of a step waits at the gate. */
function heldUp(step: StoreStep, gate: Gate) {
  let isFirst = true;
  return (store: Parameters<typeof interceptedStore>[0]) =>
    interceptedStore(store, async (sent, send) => {
      if (sent === step && isFirst) {
        isFirst = false;
        await gate.pass();
      }
      return send();
    });
}

describe('races, by construction', () => {
  it('a fill that arrives after a later write is refused', async () => {
    const gate = new Gate();
    await using at = await openFleet();
    const slow = await at.another({ wrapStore: heldUp('fill', gate) });
    expect(await slow.registers.read(1)).toMatchObject({ value: { text: 'first' } });
    await gate.arrived;
    await at.first.set(1, 'second');
    gate.open();
    expect(await slow.registers.read(1)).toEqual({
      outcome: 'hit',
      value: { id: 1, text: 'second' },
    });
  });

  it('a read that begins after a write never joins a load that was sent before it', async () => {
    const gate = new Gate();
    await using at = await openFleet();
    const slow = await at.another({ wrapStore: heldUp('fill', gate) });
    const leased = new Gate();
    const reader = await at.another({ wrapStore: heldUp('lease', leased) });
    const early = reader.registers.read(1);
    await leased.arrived;
    await slow.set(1, 'second');
    const late = reader.registers.read(1);
    leased.open();
    expect((await late).value?.text).toBe('second');
    expect(['first', 'second']).toContain((await early).value?.text);
  });

  it('the later of two writes stands when its publication overtakes the earlier one', async () => {
    const gate = new Gate();
    await using at = await openFleet({ wrapStore: heldUp('publish', gate) });
    const other = await at.another();
    const earlier = at.first.set(1, 'earlier');
    await gate.arrived;
    expect((await other.set(1, 'later')).version).toBe(3);
    expect(await other.registers.read(1)).toMatchObject({ value: { text: 'later' } });
    gate.open();
    await earlier;
    expect(await other.registers.read(1)).toEqual({
      outcome: 'hit',
      value: { id: 1, text: 'later' },
    });
  });

  it('readers see the old version until COMMIT and the new one from then on', async () => {
    const [beforeCommit, beforePublish] = [new Gate(), new Gate()];
    await using at = await openFleet();
    const writer = await at.another({
      wrapStore: heldUp('publish', beforePublish),
      wrapTransactions: (transactions) =>
        interceptedTransactions(transactions, async (step) => {
          if (step === 'commit') await beforeCommit.pass();
        }),
    });
    const write = writer.set(1, 'second');
    await beforeCommit.arrived;
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'pending',
      value: { text: 'first' },
    });
    beforeCommit.open();
    await beforePublish.arrived;
    expect(await at.first.registers.read(1)).toMatchObject({
      outcome: 'pending',
      value: { text: 'second' },
    });
    expect(await at.first.registers.read(1)).toMatchObject({ outcome: 'hit' });
    beforePublish.open();
    await write;
  });

  it('a write whose publication is slow answers in time, and the first reader settles it', async () => {
    const gate = new Gate();
    await using at = await openFleet({ wrapStore: heldUp('publish', gate) });
    const other = await at.another();
    expect(await at.first.set(1, 'second')).toEqual({ version: 2, outcome: 'deferred' });
    expect(await other.registers.read(1)).toMatchObject({ value: { text: 'second' } });
    expect(await other.registers.read(1)).toMatchObject({ outcome: 'hit' });
    gate.open();
  });
});
