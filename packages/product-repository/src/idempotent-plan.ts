import type { AppliedWrite, PlannedWrite, WritePlan } from '@throughline/write-through';
import type { Connection } from '@throughline/write-through/postgres';
import { hash } from 'node:crypto';
import { IdempotencyKeyReusedError } from './errors.ts';
import type { ProductChange } from './operation-result.ts';
import { claimKey, keepAnswer, type KeyedCall, selectKeptAnswer } from './statements/index.ts';

/** Marks a call that its caller may repeat: the same of all three, with the same input, is the same call. */
export interface IdempotentRequest {
  /** Who calls, by the verified token; null where it names nobody, and all of these count as one. */
  readonly subject: string | null;
  /** The full name of the procedure, such as `product.create`. */
  readonly procedure: string;
  /** Chosen by the caller. */
  readonly key: string;
}

/** What a mutation made: the answer to its caller, and what it changed. */
export interface Written<Answer> {
  readonly answer: Answer;
  readonly change?: ProductChange;
  /** The same of a mutation of many products. */
  readonly changes?: readonly ProductChange[];
  /** The answer is that to an earlier call, and nothing changed. */
  readonly replayed?: true;
}

export type MutationPlan<Answer> = WritePlan<Connection, Written<Answer>>;

/**
 * The same write, at most once for each request. Its first answer is kept in its own transaction and given
 * again to later ones; those touch no entry. A refusal rolls back, so the key is free again.
 *
 * The key is claimed before anything else: of two that come at once, the later one waits there for the end of
 * the first and then finds its answer, or does the work if that one was rolled back. Claimed after the change,
 * it would meet what the first one did, such as a taken SKU. Only repetitions of one call wait for that row,
 * so it may be held while the store is asked. It travels with BEGIN, and comes after it.
 */
export function idempotent<Answer>(
  plan: MutationPlan<Answer>,
  request: IdempotentRequest,
  input: unknown,
): MutationPlan<Answer> {
  const call = keyedCall(request, input);
  const open = (first: Connection): MutationPlan<Answer> => {
    const claimed = claimKey(first, call);
    // Where BEGIN fails, nobody waits for it.
    claimed.catch(() => undefined);
    return async (db) =>
      (await claimed) ? keepingAnswer(db, call, await plan(db)) : replayed(db, call);
  };
  return Object.assign(async (db: Connection) => open(db)(db), { open });
}

async function replayed<Answer>(db: Connection, call: KeyedCall): Promise<MutationPlanned<Answer>> {
  const { isSameInput, answer } = await selectKeptAnswer<Answer>(db, call);
  if (!isSameInput) throw new IdempotencyKeyReusedError();
  return {
    entries: [],
    apply: async () => ({ value: { answer, replayed: true }, changes: [] }),
  };
}

/** The change first, for its answer is what is to be kept; that travels with COMMIT. */
function keepingAnswer<Answer>(
  db: Connection,
  call: KeyedCall,
  planned: MutationPlanned<Answer>,
): MutationPlanned<Answer> {
  return {
    entries: planned.entries,
    apply: async (last) => {
      const applied = await applyInSteps(db, planned);
      if (applied === 'outdated') return applied;
      return {
        ending: keepAnswer(last, call, applied.value.answer).then(() => applied),
        recall: async () => applied,
      };
    },
  };
}

type MutationPlanned<Answer> = PlannedWrite<Connection, Written<Answer>>;

/** Sends at once what would have travelled with COMMIT. A refusal is thrown, so that the key is free again. */
async function applyInSteps<Answer>(
  db: Connection,
  planned: MutationPlanned<Answer>,
): Promise<AppliedWrite<Written<Answer>> | 'outdated'> {
  const applied = await planned.apply(db);
  if (applied === 'outdated' || !('ending' in applied)) return applied;
  const ended = await applied.ending;
  if ('refusal' in ended) throw ended.refusal;
  return ended;
}

function keyedCall({ subject, procedure, key }: IdempotentRequest, input: unknown): KeyedCall {
  const subjectHash = hash('sha256', subject ?? '', 'buffer');
  return { subjectHash, procedure, key, inputHash: hash('sha256', canonicalJson(input), 'buffer') };
}

/** The same text for the same input, whatever the order of its fields. */
function canonicalJson(input: unknown): string {
  return JSON.stringify(input, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
