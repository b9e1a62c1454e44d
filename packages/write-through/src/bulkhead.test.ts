import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.ts';
import { DatabaseOverloadedError } from './errors.ts';
import { Gate } from './testing/gate.ts';

describe('Bulkhead', () => {
  it('never runs more at once than it may, and runs everything that it let in, in order', async () => {
    const bulkhead = new Bulkhead({ runningMax: 3, waitingMax: 100 });
    let [running, most] = [0, 0];
    const begun: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        bulkhead.run(async () => {
          begun.push(index);
          running += 1;
          most = Math.max(most, running);
          await new Promise(setImmediate);
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
  });

  it('refuses at once what would have to wait behind too many, and lets in what comes later', async () => {
    const bulkhead = new Bulkhead({ runningMax: 1, waitingMax: 1 });
    const gate = new Gate();
    const letIn = [bulkhead.run(async () => gate.pass()), bulkhead.run(async () => 'second')];
    await expect(bulkhead.run(async () => 'third')).rejects.toThrow(DatabaseOverloadedError);
    gate.open();
    expect(await Promise.all(letIn)).toEqual([undefined, 'second']);
    expect(await bulkhead.run(async () => 'fourth')).toBe('fourth');
  });

  it('gives the place of work that failed to the next', async () => {
    const bulkhead = new Bulkhead({ runningMax: 1, waitingMax: 1 });
    const failing = bulkhead.run(async () => Promise.reject(new RangeError('failed')));
    const next = bulkhead.run(async () => 'next');
    await expect(failing).rejects.toThrow(RangeError);
    expect(await next).toBe('next');
  });
});
