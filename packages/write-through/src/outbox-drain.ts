import { retryWaitMs } from './backoff.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import type { EpochRegister } from './epoch-register.ts';
import type { Epoch } from './epoch.ts';
import type { Outbox, OutboxBacklog, OutboxRow } from './outbox.ts';
import type { EntryChange, PlannedWrite } from './write-plan.ts';
import { Writer, type WriterParts } from './writer.ts';

export interface OutboxDrainParts<Db> extends Omit<WriterParts<Db>, 'epochs'> {
  readonly epochs: Pick<EpochKeeper, 'current' | 'row' | 'distrust' | 'suspect' | 'surrender'>;
  readonly outbox: Outbox<Db>;
  /** Those of all sources by now: rows of others are left to processes that have them. */
  readonly namespaces: () => readonly string[];
  readonly register: Pick<EpochRegister, 'drain'>;
  /** Reads, within the transaction, what these entries should hold; those left out become absent. */
  readonly present: PresentRecords<Db>;
  /** Told when rows cannot be drained, once until they can again. */
  readonly onStuck: (err: unknown) => void;
}

/**
 * What the entries hold that are records with versions: all that exist and all whose deletion is known, each at
 * its version. Entries of lists are left out.
 */
export type PresentRecords<Db> = (db: Db, keys: readonly string[]) => Promise<EntryChange[]>;

/**
 * Makes the cache right again after changes that were made past it: takes rows out of the outbox, a batch at a
 * time, and treats each batch as one write of ours. Every process drains; locked rows are skipped.
 *
 *     BEGIN, lock rows, INTEND their entries, delete the rows, read the records, COMMIT, PUBLISH
 *
 * Why an entry is right once its row is gone:
 *
 * - The row and the change were committed together, so whoever saw the row reads the change, and every version
 *   after it. INTEND replaces whatever stood there: an old value is gone, and a fill whose lease is older is
 *   refused. From then on, readers see a pending entry and ask the database.
 * - The record is read after INTEND and published at its version. A writer of ours that committed before the
 *   change and publishes late offers a lower version and loses; one that commits after the record was read has
 *   its attempt in the entry already, or places it later, and offers a higher one. This needs versions that never
 *   come back for one key, whoever writes: the triggers see to that.
 * - A change from outside that commits after the record was read has a row of its own.
 * - Killed before COMMIT, the rows are still there, and readers settle the pending entries; killed after it, the
 *   pending entries are as those of any writer that died before PUBLISH.
 * - In bypass nothing is intended: the row is deleted under the epoch's lock, so what is filled in the next
 *   epoch is read after the change.
 *
 * An entry found absent after its row was seen needs no INTEND: an older lease is gone and cannot be filled any
 * more, an older attempt is gone and cannot be published any more, and whoever takes a new lease or places a new
 * intent reads later than the change. So the cost follows what is cached, not what was changed. This rests on no
 * time: a drain that sleeps between its look and its COMMIT does no harm.
 *
 * A row without a key concerns everything: the epochs of all caches in the database end with the transaction that
 * deletes it. So it matters to none which of them deletes it.
 *
 * Other rows are taken by namespace. One that this process does not know, as it belongs to another cache or to a newer
 * release, stays for those that know it.
 *
 * Nothing is drained while this process cannot use the store, unless in bypass: nobody here is answered from it,
 * and whoever can use it drains. So a process that is cut off does not make the others leave. But if the store is
 * used and its entries cannot be changed for a while, whatever the reason, the epoch is ended, as no entry may be
 * answered from that is known to be old.
 */
export class OutboxDrain<Db> implements AsyncDisposable {
  readonly #parts: OutboxDrainParts<Db>;
  readonly #writer: Writer<Db>;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #state: OutboxBacklog | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #batchMax: number;
  /** Whether the batch under way was let into the store, or into the bypass, when it last began. */
  #wasUsable = true;
  #failures = 0;
  #failingSinceMs: number | undefined;

  constructor(parts: OutboxDrainParts<Db>) {
    this.#parts = parts;
    this.#batchMax = parts.limits.outboxBatchMax;
    const { epochs } = parts;
    this.#writer = new Writer({
      ...parts,
      epochs: {
        writable: async () => {
          this.#wasUsable = this.#isUsable;
          return this.#wasUsable;
        },
        distrust: (epoch, reason) => epochs.distrust(epoch, reason),
        suspect: () => epochs.suspect(),
        surrender: (epoch) => epochs.surrender(epoch),
      },
    });
    this.#loop = this.#run();
  }

  /** What waited for this cache, of all processes, when this one last looked; undefined before that. */
  get state(): OutboxBacklog | undefined {
    return this.#state;
  }

  /** Ends after the batch under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await this.#writer[Symbol.asyncDispose]();
  }

  get #isUsable(): boolean {
    const { current, row } = this.#parts.epochs;
    return current !== undefined || row?.state === 'bypass';
  }

  async #run(): Promise<void> {
    const { ambient } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waitMs = await this.#turn().catch(async (err: unknown) => this.#fail(err));
      if (waitMs > 0) await ambient.wait(waitMs, signal).catch(() => undefined);
    }
  }

  /** How long to wait for the next turn. */
  async #turn(): Promise<number> {
    const { limits } = this.#parts;
    const waiting = await this.#look();
    if (waiting === 0 || !this.#isUsable) {
      this.#recover();
      return limits.outboxPollMs;
    }
    const batchMax = this.#batchMax;
    const drained = await this.#drain(batchMax).catch((err: unknown) => {
      if (this.#wasUsable) throw err;
      return 'not usable any more' as const;
    });
    this.#recover();
    if (drained === 'not usable any more') return limits.outboxPollMs;
    // What others have locked is theirs.
    return drained < batchMax ? limits.outboxPollMs : 0;
  }

  /** What failed before has nothing to do with what may fail from now on. */
  #recover(): void {
    this.#failures = 0;
    this.#failingSinceMs = undefined;
    this.#batchMax = this.#parts.limits.outboxBatchMax;
  }

  /** How many rows wait; not asked again while a long backlog is being drained. */
  async #look(): Promise<number> {
    const { outbox, ambient, limits } = this.#parts;
    const nowMs = ambient.monotonicMs();
    if (this.#state === undefined || nowMs - this.#lookedAtMs >= limits.outboxPollMs) {
      this.#state = await outbox.backlog(this.#parts.namespaces());
      this.#lookedAtMs = nowMs;
    }
    return this.#state.rows;
  }

  async #drain(batchMax: number): Promise<number> {
    const { outbox, epochs, namespaces } = this.#parts;
    const { value } = await this.#writer.write(async (db, epoch) => {
      const rows = await outbox.take(db, namespaces(), batchMax);
      return rows.some(({ key }) => key === null)
        ? this.#planEnds(db, rows)
        : this.#planBatch(db, epoch, rows);
    });
    if (value.endsEpoch) epochs.suspect();
    return value.drained;
  }

  async #planBatch(
    db: Db,
    epoch: Epoch | undefined,
    rows: readonly OutboxRow[],
  ): Promise<PlannedWrite<Db, Drained>> {
    const { outbox, present } = this.#parts;
    const keys = await this.#concerned(epoch, rows);
    return {
      entries: keys.map((key) => ({ key })),
      apply: async () => {
        await outbox.remove(db, rows);
        const changes = keys.length === 0 ? [] : await present(db, keys);
        return { value: { drained: rows.length, endsEpoch: false }, changes };
      },
    };
  }

  async #planEnds(db: Db, rows: readonly OutboxRow[]): Promise<PlannedWrite<Db, Drained>> {
    const { outbox } = this.#parts;
    return {
      entries: [],
      apply: async () => {
        await outbox.remove(db, rows);
        await outbox.endEpochs(db);
        return { value: { drained: rows.length, endsEpoch: true }, changes: [] };
      },
    };
  }

  /** The keys whose entries are not known to be absent; in bypass, none is used. */
  async #concerned(epoch: Epoch | undefined, rows: readonly OutboxRow[]): Promise<string[]> {
    if (epoch === undefined) return [];
    const keys = [...new Set(rows.flatMap(({ key }) => key ?? []))];
    if (keys.length === 0) return [];
    // If it cannot be asked, INTEND will tell.
    const entries = await this.#parts.store.get(epoch, keys).catch(() => undefined);
    if (entries === undefined || 'state' in entries) return keys;
    return keys.filter((key) => (entries.get(key)?.state ?? 'absent') !== 'absent');
  }

  /** Smaller batches have better chances; after a while of failures the epoch itself is ended. */
  async #fail(reason: unknown): Promise<number> {
    const { ambient, limits, onStuck } = this.#parts;
    if (this.#failures === 0) onStuck(reason);
    this.#failures += 1;
    this.#batchMax = Math.ceil(this.#batchMax / 2);
    this.#failingSinceMs ??= ambient.monotonicMs();
    const failingMs = ambient.monotonicMs() - this.#failingSinceMs;
    // Without PostgreSQL the trust lease ends by itself.
    const { current } = this.#parts.epochs;
    if (current !== undefined && failingMs >= limits.outboxPatienceMs) {
      this.#failingSinceMs = undefined;
      await this.#endEpoch(current).catch(() => undefined);
    }
    const { outboxPollMs: backoffMinMs, outboxBackoffMaxMs: backoffMaxMs } = limits;
    return retryWaitMs(this.#failures, ambient, { backoffMinMs, backoffMaxMs });
  }

  /**
   * The rows stay: they are drained in the next epoch, where nothing is cached. Not by a write transaction, as
   * the reason may be that none can be had.
   */
  async #endEpoch(epoch: Epoch): Promise<void> {
    const { register, epochs } = this.#parts;
    await register.drain(epoch);
    epochs.suspect();
  }
}

interface Drained {
  readonly drained: number;
  readonly endsEpoch: boolean;
}
