import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { protocols } from './protocol.ts';

describe('the model of the protocol', () => {
  it.each(protocols.filter(({ isLarge }) => isLarge !== true))(
    'finds out that this is violated: $name',
    { timeout: 60_000 },
    ({ protocol, expected }) => {
      expect(explore(protocol).outcome).toBe(expected);
    },
  );

  it('tells a shortest way to a violation', () => {
    const found = explore({ writes: 'intend', faults: { failovers: 1 } });
    expect(found).toMatchObject({ outcome: 'violated' });
    expect('trace' in found && found.trace).toHaveLength(7);
  });

  it('finds no violation of ours where nothing is evicted and nobody crashes', () => {
    const { outcome } = explore({ writes: 'intend', faults: { crashes: 0 } });
    expect(outcome).toBe('holds');
  }, 60_000);
});
