import fc from 'fast-check';
import { storeSteps } from '../../intercepted-store.ts';
import { databaseSteps, type Fault, type NetworkStep } from './network.ts';
import type { Act, Part, PlayEvent } from './play.ts';

const acts: readonly Act[] = [
  'read',
  'read',
  'read',
  'write',
  'write',
  'failing write',
  'careless write',
  'hasty write',
  'hasty write',
  'hasty careless write',
  'sweep',
  'warm',
];

export const parts: fc.Arbitrary<Part[]> = fc.array(
  fc.record({
    engine: fc.nat(1),
    acts: fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 5 },
);

const steps: readonly NetworkStep[] = [...storeSteps, ...databaseSteps];

export const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.record({
    step: fc.constantFrom(...steps),
    nth: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom('lost', 'unanswered', 'late', 'slow', 'slow answer', 'killed'),
    turns: fc.nat(40),
  }),
  { maxLength: 4 },
);

/** Evictions, each after some turns. */
export const evictions: fc.Arbitrary<PlayEvent[]> = fc.array(
  fc.record({ what: fc.constant('the entry is evicted'), turns: fc.nat(60) }),
  { maxLength: 3 },
);

export const upheavals: fc.Arbitrary<PlayEvent[]> = fc.array(
  fc.record({
    what: fc.constantFrom(
      'the entry is evicted',
      'Redis is flushed',
      'Redis restarts empty',
      'Redis restarts with its data',
      'the replica catches up',
      'A finds the replica',
      'B finds the replica',
      'A loses Redis',
      'A finds Redis again',
      'A loses PostgreSQL',
      'A finds PostgreSQL again',
    ),
    turns: fc.nat(60),
  }),
  { maxLength: 5 },
);
