import fc from 'fast-check';
import { storeSteps } from '../../intercepted-store.ts';
import type { Fault, NetworkStep } from './network.ts';
import type { Act, Part } from './play.ts';

const acts: readonly Act[] = [
  'read',
  'read',
  'read',
  'write',
  'write',
  'failing write',
  'careless write',
  'sweep',
];

export const parts: fc.Arbitrary<Part[]> = fc.array(
  fc.record({
    engine: fc.nat(1),
    acts: fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 5 },
);

const steps: readonly NetworkStep[] = [
  ...storeSteps.filter((step) => step !== 'install'),
  'begin',
  'query',
  'commit',
  'rollback',
  'statuses',
  'load',
];

export const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.record({
    step: fc.constantFrom(...steps),
    nth: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom('lost', 'unanswered', 'late', 'slow', 'slow answer', 'killed'),
    turns: fc.nat(40),
  }),
  { maxLength: 4 },
);

/** After how many turns the entry is evicted, if it can be. */
export const evictions: fc.Arbitrary<number[]> = fc.array(fc.nat(60), { maxLength: 3 });
