import { describe, expect, it } from 'vitest';
import { explore, type Exploration } from './explore.ts';
import { listModel } from './list-model.ts';
import type { Protocol } from './protocol.ts';
import { protocols } from './protocols.ts';
import { recordModel, type RecordModelOptions } from './record-model.ts';

const timeout = 240_000;
const ours: Protocol = { writes: 'intend', intendsBeforeLock: true, forgetsValue: true };
const across: Protocol = { ...ours, hasEpochs: true, readsMark: true };
const quiet = { crashes: 0 };

describe('the model of the protocol', () => {
  it.each(protocols.filter(({ expected }) => expected === 'violated'))(
    'finds a violation: $name',
    { timeout },
    (each) => {
      expect(explored(each).outcome).toBe('violated');
    },
  );

  it.each(protocols.filter(({ expected, isLarge }) => expected === 'holds' && !isLarge))(
    'finds no violation: $name',
    { timeout },
    (each) => {
      expect(explored(each).outcome).toBe('holds');
    },
  );

  it('tells a shortest way to a violation', () => {
    const found = explore(recordModel({ writes: 'intend', faults: { failovers: 1 } }));
    expect(found).toMatchObject({ outcome: 'violated' });
    expect('trace' in found && found.trace).toHaveLength(7);
  });
});

describe('states taken for one', () => {
  it.each<[string, Protocol]>([
    ['writers that SET', { writes: 'set', faults: { evictions: 1 } }],
    ['writers that DEL', { writes: 'delete', faults: quiet }],
    ['leases with DEL', { writes: 'lease', faults: quiet }],
    ['shared tokens', { writes: 'lease', faults: quiet, reusesTokens: true, startsWarm: false }],
    ['pending entries with a life', { writes: 'intend', faults: { expiries: 1 } }],
    ['a failover', { writes: 'intend', faults: { failovers: 1 } }],
    ['a flush', { writes: 'intend', faults: { flushes: 1 } }],
    ['no trust lease', { ...across, faults: { failovers: 1, ...quiet }, asksTrust: 'never' }],
    [
      'bypass at once',
      { ...across, faults: { surrenders: 1, ...quiet }, hasBypass: true, drainsAtOnce: true },
    ],
    [
      'leases skipped',
      { ...ours, faults: quiet, startsWarm: false, outside: { skipsLeases: true } },
    ],
    ['loads shared too late', { ...ours, faults: quiet, boardsUntil: 'landing' }],
  ])('change neither the verdict nor the shortest way: %s', { timeout }, (_, protocol) => {
    const all = summary(protocol, { isReduced: false });
    const reduced = summary(protocol, { isReduced: true });
    expect(reduced.outcome).toBe('violated');
    expect(reduced).toMatchObject({ outcome: all.outcome, steps: all.steps });
    expect(reduced.states).toBeLessThan(all.states);
  });

  it('hide no violation of ours', { timeout }, () => {
    const bounds = { writers: 2, readers: 2, reads: 2 };
    const all = summary({ ...ours, faults: quiet }, { bounds, isReduced: false });
    const reduced = summary({ ...ours, faults: quiet }, { bounds });
    const coarse = summary({ ...ours, faults: quiet, isCoarse: true }, { bounds });
    expect([all.outcome, reduced.outcome, coarse.outcome]).toEqual(['holds', 'holds', 'holds']);
    expect(reduced.states).toBeLessThan(all.states);
    expect(coarse.states).toBeLessThan(reduced.states);
  });
});

describe('coarse steps', () => {
  it.each<[string, Protocol]>([
    ['pending entries evicted', { ...ours, faults: { evictions: 1 }, evictsPending: true }],
    ['contents compared', { ...ours, faults: { evictions: 1 }, comparesContent: true }],
    ['one token for all sends', { ...ours, retries: 'one token' }],
    ['a drain that discards', { ...ours, outside: { discards: true } }],
    [
      'no exclusive lock',
      { ...across, faults: { flushes: 1 }, hasBypass: true, reopensEarly: true },
    ],
    ['trust never asked', { ...across, faults: { failovers: 1 }, asksTrust: 'never' }],
    ['leases not waited for', { ...across, faults: { failovers: 1 }, drainsAtOnce: true }],
  ])('still show what a guard is for: %s', { timeout }, (_, protocol) => {
    expect(summary({ ...protocol, isCoarse: true }).outcome).toBe('violated');
  });
});

function explored(each: (typeof protocols)[number]): Exploration {
  return 'list' in each ? explore(listModel(each.list)) : explore(recordModel(each.protocol));
}

function summary(protocol: Protocol, options?: RecordModelOptions) {
  const found = explore(recordModel(protocol, options));
  const steps = found.outcome === 'violated' ? found.trace.length : 0;
  return { outcome: found.outcome, states: found.states, steps };
}
