import { describe, expect, it } from 'vitest';
import { openFleet } from './testing/fleet.ts';
import type { RegisterBed } from './testing/register-bed.ts';

const patience = { timeout: 10_000 };

/** Has the register in the cache, as every process is answered. */
async function cache(bed: RegisterBed, id = 1): Promise<void> {
  await expect.poll(async () => (await bed.registers.read(id)).outcome, patience).toBe('hit');
}

describe('a comparison of entries with their rows', () => {
  it('judges no entry whose row waits in the outbox, and finds it stale once the row is gone', async () => {
    await using at = await openFleet();
    await cache(at.first);
    await cache(at.first, 2);
    const verdicts = async () =>
      (await at.first.registers.compare([1, 2])).map(({ verdict }) => verdict);
    await at.first.overwrite(1, 'outside');
    expect(await verdicts()).toEqual(['unjudged', 'same']);
    await at.first.outside('DELETE FROM write_through_outbox');
    expect(await verdicts()).toEqual(['stale', 'same']);
    await at.first.outside('INSERT INTO write_through_outbox (key) VALUES (NULL)');
    expect(await verdicts()).toEqual(['unjudged', 'same']);
  });

  it('judges nothing of an epoch that has ended and is still trusted', async () => {
    await using at = await openFleet({ limits: { trustLeaseMs: 30_000 } });
    await cache(at.first);
    await at.first.overwrite(1, 'outside');
    await at.first.outside('DELETE FROM write_through_outbox');
    await at.first.outside("UPDATE write_through_epochs SET state = 'draining'");
    expect(await at.first.registers.compare([1])).toMatchObject([{ verdict: 'unjudged' }]);
  });
});
