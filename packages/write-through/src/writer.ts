import type { Ambient } from './ambient.ts';
import { retryWaitMs } from './backoff.ts';
import { Bulkhead } from './bulkhead.ts';
import type { CacheObserver, EntryOutcome } from './cache-observer.ts';
import type { Attempt, FinalEntry } from './entry.ts';
import type { EntryStore, Publication } from './entry-store.ts';
import type { EpochKeeper, OnFailure } from './epoch-keeper.ts';
import type { Epoch } from './epoch.ts';
import {
  CacheUnavailableError,
  CallAbandonedError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  WriteContendedError,
} from './errors.ts';
import type { WriteOutcome } from './instrument.ts';
import { newLife } from './life.ts';
import type { Limits } from './limits.ts';
import { namespaceOf } from './record-source.ts';
import type { CommitOutcome, Transaction, Transactions } from './transactions.ts';
import type {
  AppliedWrite,
  EntryChange,
  EntryRef,
  LastStep,
  RefusedWrite,
  WritePlan,
} from './write-plan.ts';

/** What a committed write returned, and whether its entries are published already. */
export interface WriteResult<Value> {
  readonly outcome: WriteOutcome;
  readonly value: Value;
}

export interface WriterParts<Db> {
  readonly store: EntryStore;
  readonly transactions: Transactions<Db>;
  readonly epochs: Pick<EpochKeeper, 'writable' | 'distrust' | 'suspect' | 'surrender'>;
  readonly onFailure: OnFailure;
  readonly ambient: Ambient;
  readonly limits: Limits;
  readonly observer?: CacheObserver | undefined;
}

/**
 * Why a write starts again; nothing of it was committed. `store lost`: the store is not, or no longer, that of
 * the epoch. `store failed`: it could not be reached in time, and the policy is to go on without it.
 */
type Restart = 'outdated' | 'store lost' | 'store failed';

interface PreparedWrite<Db, Value> {
  /** What was done, or what travels with COMMIT. */
  readonly applied: AppliedWrite<Value> | LastStep<Db, Value>;
  readonly attempts: ReadonlyMap<string, Attempt>;
}

/** What the last statements said; `unheard`: their answers were lost with the connection. */
type Ending<Value> = AppliedWrite<Value> | RefusedWrite | { readonly unheard: unknown };

/**
 * Runs writes: BEGIN, INTEND, SQL, COMMIT, PUBLISH; in bypass BEGIN, SQL, COMMIT.
 *
 * A plan may let its last statements travel with COMMIT: a round trip less, and row locks that nobody in between can
 * hold up. The price is that a connection which breaks then may take their answers with it. So these settle before it
 * is asked what became of the transaction: what was refused changed nothing; what was not done is refused; what was
 * done without an answer is recalled from the row, and unknown if that has moved on. In no case is anything published
 * that PostgreSQL did not say.
 *
 * An attempt is taken out by whoever publishes it, or knows that it changed nothing. Taken out of a committed write, it
 * would leave what others published beneath it, which is older; so where nobody can tell what it wrote, it stays, and the
 * next reader settles the entry by the row.
 *
 * Whether there is a bypass is read in the transaction, under the lock that whoever ends it has to wait for.
 */
export class Writer<Db> implements AsyncDisposable {
  readonly #parts: WriterParts<Db>;
  readonly #bulkhead: Bulkhead;
  readonly #background = new Set<Promise<unknown>>();
  #inFlight = 0;

  constructor(parts: WriterParts<Db>) {
    this.#parts = parts;
    const { writesMax: runningMax, writesWaitingMax: waitingMax } = parts.limits;
    this.#bulkhead = new Bulkhead({ runningMax, waitingMax });
  }

  /** Writes of this process that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Those of them that wait for their turn, with no connection yet. */
  get waiting(): number {
    return this.#bulkhead.waiting;
  }

  /** `isWanted` is asked whenever the write has its turn, before anything is sent. */
  async write<Value>(
    plan: WritePlan<Db, Value>,
    isWanted: () => boolean = () => true,
  ): Promise<WriteResult<Value>> {
    this.#inFlight += 1;
    try {
      return await this.#writeUntilCommitted(plan, isWanted);
    } catch (err) {
      if (err instanceof CacheUnavailableError) this.#parts.observer?.rejected();
      throw err;
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Waits for publications that writers did not wait for. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#background);
  }

  async #writeUntilCommitted<Value>(
    plan: WritePlan<Db, Value>,
    isWanted: () => boolean,
  ): Promise<WriteResult<Value>> {
    const { ambient, epochs, limits, onFailure } = this.#parts;
    const endMs = ambient.monotonicMs() + limits.epochChangeBudgetMs;
    let storeLosses = 0;
    for (let start = 0; start < limits.restartsMax; start += 1) {
      // Waiting here holds no connection, so a store that is away cannot exhaust the database pool.
      const isWritable = await epochs.writable();
      const isPatient =
        onFailure === 'degrade'
          ? ambient.monotonicMs() < endMs
          : storeLosses <= limits.storeLossesMax;
      if (!isWritable || !isPatient) {
        throw new CacheUnavailableError('The cache cannot be reached; nothing was written.');
      }
      const result = await this.#bulkhead.run(async () => {
        // Only here: once a transaction has begun, its end is what tells what became of it.
        if (!isWanted()) throw new CallAbandonedError('The caller has gone; nothing was written.');
        return this.#writeOnce(plan);
      });
      if (result === 'store lost') storeLosses += 1;
      else if (typeof result !== 'string') return result;
    }
    throw new WriteContendedError('Other writes kept changing what this write depends on.');
  }

  async #writeOnce<Value>(plan: WritePlan<Db, Value>): Promise<WriteResult<Value> | Restart> {
    let opened = plan;
    const transaction = await this.#parts.transactions.begin((first) => {
      opened = plan.open?.(first) ?? plan;
    });
    const { epochRow } = transaction;
    if (epochRow.state === 'draining') {
      await transaction.rollback();
      this.#parts.epochs.suspect();
      return 'store lost';
    }
    const epoch = epochRow.state === 'active' ? epochRow.epoch : undefined;
    const prepared = await this.#prepare(transaction, epoch, opened);
    if (typeof prepared === 'string') return prepared;
    const { applied, attempts } = prepared;
    // Listened to before COMMIT is sent, so that it cannot fail unheard.
    const ending = 'ending' in applied ? heard(applied.ending) : applied;
    const outcome = await transaction.commit();
    const { ambient, limits } = this.#parts;
    const endMs = ambient.monotonicMs() + limits.outcomeBudgetMs;
    const ended = await ending;
    // Nothing was changed, whatever became of the transaction.
    if ('refusal' in ended) return this.#refuse(epoch, attempts, ended.refusal);
    if (!(await this.#isCommitted(transaction, outcome, endMs))) {
      return this.#refuse(
        epoch,
        attempts,
        'unheard' in ended
          ? ended.unheard
          : new DatabaseUnavailableError('PostgreSQL did not commit; nothing was written.'),
      );
    }
    const told = 'unheard' in ended ? await this.#recall(transaction, applied, endMs) : ended;
    if (told === undefined) {
      throw new CommitOutcomeUnknownError(
        'The write is committed, and nobody can tell its answer any more.',
      );
    }
    return { outcome: await this.#publish(epoch, attempts, told.changes), value: told.value };
  }

  #refuse(epoch: Epoch | undefined, attempts: ReadonlyMap<string, Attempt>, why: unknown): never {
    this.#abandon(epoch, attempts);
    throw why;
  }

  /** What a transaction did whose answers were lost, as long as that can be seen. */
  async #recall<Value>(
    transaction: Transaction<Db>,
    applied: AppliedWrite<Value> | LastStep<Db, Value>,
    endMs: number,
  ): Promise<AppliedWrite<Value> | undefined> {
    if (!('recall' in applied)) return applied;
    const { ambient, limits } = this.#parts;
    for (let failures = 0; ambient.monotonicMs() < endMs; failures += 1) {
      try {
        return await transaction.ask(async (db) => applied.recall(db, transaction.xid));
      } catch (err) {
        if (!(err instanceof DatabaseUnavailableError)) return undefined;
        await ambient.wait(retryWaitMs(failures, ambient, limits));
      }
    }
    return undefined;
  }

  /** Everything before COMMIT. Rolls back when it throws or asks for a restart. */
  async #prepare<Value>(
    transaction: Transaction<Db>,
    epoch: Epoch | undefined,
    plan: WritePlan<Db, Value>,
  ): Promise<PreparedWrite<Db, Value> | Restart> {
    const attempts = new Map<string, Attempt>();
    let restart: Restart;
    try {
      const planned = await plan(transaction.db, epoch);
      const intended =
        epoch === undefined
          ? 'intended'
          : await this.#intendAll(epoch, planned.entries, transaction.xid, attempts);
      const applied = intended === 'intended' ? await planned.apply(transaction.last) : intended;
      if (typeof applied !== 'string') return { applied, attempts };
      restart = applied;
    } catch (err) {
      await transaction.rollback();
      this.#abandon(epoch, attempts);
      throw err;
    }
    await transaction.rollback();
    this.#abandon(epoch, attempts);
    return restart;
  }

  /**
   * Whether every intent was acknowledged. `attempts` holds those that were. Throws `CacheUnavailableError` when
   * the store fails or does not answer in time, unless the policy is to go on without it.
   */
  async #intendAll(
    epoch: Epoch,
    entries: readonly EntryRef[],
    xid: bigint,
    attempts: Map<string, Attempt>,
  ): Promise<'intended' | 'store lost' | 'store failed'> {
    const { ambient, limits, epochs, onFailure } = this.#parts;
    const endMs = ambient.monotonicMs() + limits.intendBudgetMs;
    const keys = [...new Set(entries.map(({ key }) => key))];
    const outcomes = await Promise.allSettled(
      keys.map(async (key) => {
        const attempt = await this.#intend(epoch, key, xid, endMs);
        if (attempt !== undefined) attempts.set(key, attempt);
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return attempts.size === keys.length ? 'intended' : 'store lost';
    if (onFailure === 'reject') throw failed.reason;
    epochs.surrender(epoch);
    return 'store failed';
  }

  /** Each send is an attempt of its own: a late duplicate of another send must not pass for this one. */
  async #intend(
    epoch: Epoch,
    key: string,
    xid: bigint,
    endMs: number,
  ): Promise<Attempt | undefined> {
    const { store, epochs, ambient, limits } = this.#parts;
    for (let failures = 0; ; failures += 1) {
      const attempt = { xid, token: ambient.token() };
      try {
        const reply = await store.intend(epoch, key, { attempt, nonce: ambient.token() });
        if (reply.state !== 'untrusted') return attempt;
        epochs.distrust(epoch, reply.reason);
        return undefined;
      } catch (cause) {
        const waitMs = retryWaitMs(failures, ambient, limits);
        if (ambient.monotonicMs() + waitMs >= endMs) {
          throw new CacheUnavailableError('The cache failed; nothing was written.', { cause });
        }
        await ambient.wait(waitMs);
      }
    }
  }

  /** Whether the transaction is committed, by PostgreSQL's own word. */
  async #isCommitted(
    transaction: Transaction<Db>,
    outcome: CommitOutcome,
    endMs: number,
  ): Promise<boolean> {
    const { ambient, limits } = this.#parts;
    if (outcome !== 'unknown') return outcome === 'committed';
    for (let failures = 0; ambient.monotonicMs() < endMs; failures += 1) {
      const status = await transaction.status().catch(() => 'unreachable' as const);
      if (status === 'committed') return true;
      if (status === 'aborted') return false;
      if (status === 'lost') break;
      await ambient.wait(retryWaitMs(failures, ambient, limits));
    }
    throw new CommitOutcomeUnknownError(
      'The connection to PostgreSQL broke during COMMIT and nobody can tell what became of it.',
    );
  }

  async #publish(
    epoch: Epoch | undefined,
    attempts: ReadonlyMap<string, Attempt>,
    changes: readonly EntryChange[],
  ): Promise<WriteOutcome> {
    if (epoch === undefined) return 'bypass';
    const { ambient, limits } = this.#parts;
    const changeOf = new Map(changes.map((change) => [change.key, change]));
    const committedMs = ambient.monotonicMs();
    const life = (spanMs: number) => newLife(spanMs, ambient, limits);
    const published = Promise.all(
      [...attempts].map(async ([key, attempt]) => {
        const entry = changeOf.get(key)?.toFinal(life);
        const outcome = await this.#publishOne(epoch, key, { attempt, entry });
        this.#tell(key, entry, outcome, committedMs);
        return outcome !== 'deferred';
      }),
    ).then((all) => all.every(Boolean));
    this.#inBackground(published);
    const isInTime = await ambient.endsWithin(limits.publishWaitMs, published);
    return isInTime && (await published) ? 'published' : 'deferred';
  }

  /** Repeating is safe: once taken out, the attempt is not there to be published again. */
  async #publishOne(epoch: Epoch, key: string, publication: Publication): Promise<EntryOutcome> {
    const { store, ambient, limits } = this.#parts;
    for (let failures = 0; failures < limits.publishTriesMax; failures += 1) {
      try {
        const reply = await store.publish(epoch, key, publication);
        if (reply.state === 'untrusted') return 'deferred';
        return reply.state === 'applied' ? 'published' : 'superseded';
      } catch {
        await ambient.wait(retryWaitMs(failures, ambient, limits));
      }
    }
    return 'deferred';
  }

  #tell(
    key: string,
    entry: FinalEntry | undefined,
    outcome: EntryOutcome,
    committedMs: number,
  ): void {
    const { observer, ambient } = this.#parts;
    if (observer === undefined) return;
    const namespace = namespaceOf(key);
    observer.written(namespace, outcome, entry?.version);
    if (outcome !== 'published') return;
    observer.visible(namespace, ambient.monotonicMs() - committedMs);
    if (entry?.state === 'value') observer.stored(namespace, entry.payload.length);
  }

  /** Nobody waits for this: what is not abandoned, the next reader resolves. */
  #abandon(epoch: Epoch | undefined, attempts: ReadonlyMap<string, Attempt>): void {
    if (epoch === undefined) return;
    for (const [key, attempt] of attempts) {
      this.#inBackground(this.#parts.store.abandon(epoch, key, attempt));
    }
  }

  #inBackground(step: Promise<unknown>): void {
    const settled = Promise.allSettled([step]);
    this.#background.add(settled);
    void settled.then(() => this.#background.delete(settled));
  }
}

async function heard<Value>(
  ending: Promise<AppliedWrite<Value> | RefusedWrite>,
): Promise<Ending<Value>> {
  return ending.catch((unheard: unknown) => ({ unheard }));
}
