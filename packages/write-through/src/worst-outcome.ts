import type { ReadOutcome } from './instrument.ts';

const rank: Record<ReadOutcome, number> = {
  hit: 0,
  negative: 1,
  miss: 2,
  pending: 3,
  bypass: 4,
  error: 5,
};

/** The outcome of an answer made of parts; `hit` for one without any. */
export function worstOutcome(outcomes: readonly ReadOutcome[]): ReadOutcome {
  return outcomes.reduce((worst, next) => (rank[next] > rank[worst] ? next : worst), 'hit');
}
