import type { Ambient } from '../ambient.ts';
import type { EpochRow } from '../epoch.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import type {
  CommitOutcome,
  Transaction,
  Transactions,
  TransactionStatus,
} from '../transactions.ts';
import type { RegisterDatabase } from './interleaving/engine-ports.ts';
import { MemoryEpochRegister } from './memory-epoch-register.ts';
import { MemoryLock } from './memory-lock.ts';
import { LastStatements } from './last-statements.ts';
import type { RegisterRow, RegisterSession } from './register-session.ts';

export interface MemoryDatabaseOptions {
  readonly ambient: Pick<Ambient, 'nowMs' | 'wait'>;
  /** Called in the very moment of each commit that changed a register. */
  readonly onCommit?: (id: number, row: RegisterRow) => void;
  /** A new epoch begins under a lock that no transaction holds, as it must not. */
  readonly activatesWithoutLock?: boolean;
}

/**
 * Registers in memory behind transactions like those of PostgreSQL under READ COMMITTED: a row belongs to one
 * writer until it ends, readers see what is committed, a transaction whose statement failed can only roll back,
 * and one whose connection breaks is rolled back.
 */
export class MemoryDatabase implements Transactions<RegisterSession> {
  readonly register: MemoryEpochRegister;
  readonly #onCommit: MemoryDatabaseOptions['onCommit'];
  readonly #epochLock = new MemoryLock();
  readonly #rowLocks = new Map<number, MemoryLock>();
  readonly #rows = new Map<number, RegisterRow>();
  readonly #statuses = new Map<bigint, Exclude<TransactionStatus, 'future'>>();
  #lastXid = 100n;

  constructor({ ambient, onCommit, activatesWithoutLock = false }: MemoryDatabaseOptions) {
    const lock = activatesWithoutLock ? new MemoryLock() : this.#epochLock;
    this.register = new MemoryEpochRegister(lock, ambient);
    this.#onCommit = onCommit;
  }

  async begin(): Promise<MemoryTransaction> {
    const owner = {};
    await this.#epochLock.acquire(owner, 'shared');
    this.#lastXid += 1n;
    this.#statuses.set(this.#lastXid, 'in progress');
    return new MemoryTransaction({
      database: this,
      owner,
      xid: this.#lastXid,
      epochRow: this.register.row,
    });
  }

  async statuses(xids: readonly bigint[]): Promise<TransactionStatus[]> {
    return xids.map((xid) => this.#statuses.get(xid) ?? 'future');
  }

  /** The committed row of a register; all of them begin with one. */
  select(id: number): RegisterRow {
    return this.#rows.get(id) ?? { version: 1, text: '1 by nobody' };
  }

  /** Itself as the engines of a play see it. */
  asRegisterDatabase(): RegisterDatabase {
    return {
      transactions: this,
      register: this.register,
      select: async (ids) => new Map(ids.map((id) => [id, this.select(id)])),
      cutOff: async (transaction) => {
        if (transaction instanceof MemoryTransaction) transaction.cutOff();
      },
    };
  }

  /** Waits for whoever writes the register. For transactions. */
  async lockRow(owner: object, id: number): Promise<void> {
    const lock = this.#rowLocks.get(id) ?? new MemoryLock();
    this.#rowLocks.set(id, lock);
    await lock.acquire(owner, 'exclusive');
  }

  /** For transactions. */
  end(
    { owner, xid }: { owner: object; xid: bigint },
    status: 'committed' | 'aborted',
    changes: ReadonlyMap<number, RegisterRow>,
  ): void {
    if (status === 'committed') {
      for (const [id, row] of changes) {
        this.#rows.set(id, row);
        this.#onCommit?.(id, row);
      }
    }
    this.#statuses.set(xid, status);
    for (const lock of this.#rowLocks.values()) lock.release(owner);
    this.#epochLock.release(owner);
  }
}

interface MemoryTransactionParts {
  readonly database: MemoryDatabase;
  readonly owner: object;
  readonly xid: bigint;
  readonly epochRow: EpochRow;
}

export class MemoryTransaction implements Transaction<RegisterSession> {
  readonly #parts: MemoryTransactionParts;
  readonly #changes = new Map<number, RegisterRow>();
  readonly #last = new LastStatements();
  readonly last = this.#last.session;
  #state: 'open' | 'failed' | 'ended' | 'cut off' = 'open';

  constructor(parts: MemoryTransactionParts) {
    this.#parts = parts;
  }

  get xid(): bigint {
    return this.#parts.xid;
  }

  get epochRow(): EpochRow {
    return this.#parts.epochRow;
  }

  readonly db: RegisterSession = {
    increment: async (id, by) => {
      const { database, owner } = this.#parts;
      this.#needOpen();
      await database.lockRow(owner, id);
      this.#needOpen();
      const { version } = this.#changes.get(id) ?? database.select(id);
      const row = { version: version + 1, text: `${version + 1} by ${by}` };
      this.#changes.set(id, row);
      return row;
    },
    find: async (id) => {
      this.#needOpen();
      return this.#changes.get(id) ?? this.#parts.database.select(id);
    },
    fail: async () => {
      this.#needOpen();
      this.#state = 'failed';
      throw new Error('The statement was refused.');
    },
  };

  async commit(): Promise<CommitOutcome> {
    for (const { run } of this.#last.take()) (await run(this.db)).deliver();
    if (this.#state === 'ended' || this.#state === 'cut off') return 'unknown';
    const status = this.#state === 'open' ? 'committed' : 'aborted';
    this.#end('ended', status);
    return status === 'committed' ? 'committed' : 'rolled back';
  }

  async status(): Promise<'in progress' | 'committed' | 'aborted' | 'lost'> {
    const [status] = await this.#parts.database.statuses([this.xid]);
    return status === undefined || status === 'future' ? 'lost' : status;
  }

  async ask<Answer>(question: (db: RegisterSession) => Promise<Answer>): Promise<Answer> {
    const { database, owner, xid, epochRow } = this.#parts;
    const other = new MemoryTransaction({ database, owner, xid, epochRow });
    return question(other.db);
  }

  async rollback(): Promise<void> {
    const err = new Error('The transaction was rolled back.');
    for (const { lose } of this.#last.take()) lose(err);
    this.#end('ended', 'aborted');
  }

  /** The connection breaks, and the database notices. */
  cutOff(): void {
    this.#end('cut off', 'aborted');
  }

  #end(state: 'ended' | 'cut off', status: 'committed' | 'aborted'): void {
    if (this.#state === 'ended' || this.#state === 'cut off') return;
    this.#state = state;
    this.#parts.database.end(this.#parts, status, this.#changes);
  }

  #needOpen(): void {
    if (this.#state === 'failed') throw new Error('The transaction can only roll back.');
    if (this.#state !== 'open') throw new DatabaseUnavailableError('The connection is broken.');
  }
}
