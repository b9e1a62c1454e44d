import { localStack, redisKeyPrefix, startTestPostgres } from '@throughline/local-stack/testing';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { CommitOutcomeUnknownError, DatabaseUnavailableError } from './errors.ts';
import { interceptedPool } from './postgres/intercepted-pool.ts';
import { PgConnectionPool } from './postgres/pg-connection-pool.ts';
import { markWriterSql } from './postgres/outbox-table.ts';
import { PostgresTransactions } from './postgres/postgres-transactions.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { Gate } from './testing/gate.ts';
import { interceptedTransactions } from './testing/intercepted-transactions.ts';
import { openRedisEntryStore } from './testing/open-redis-entry-store.ts';
import {
  createRegisterTables,
  NoRegisterError,
  RegisterBed,
  type RegisterBedOptions,
} from './testing/register-bed.ts';

type Server = Awaited<ReturnType<typeof startTestPostgres>>;
type Wrap = NonNullable<RegisterBedOptions['wrap']>;

const patience = { timeout: 15_000 };

/**
 * Writes its log only at COMMIT, so that a crash forgets every transaction that was not committed, and gives
 * their ids out again. Any PostgreSQL does so, if it crashes within the moment that its log writer sleeps.
 */
const forgetful = ['wal_writer_delay=10s', 'bgwriter_delay=10s', 'autovacuum=off'];

/** A process that loses the connection of a write right before its COMMIT. */
async function cutOffBeforeCommit(at: Fleet): Promise<RegisterBed> {
  return at.another({
    wrapTransactions: (transactions) =>
      interceptedTransactions(transactions, async (step, transaction) => {
        if (step !== 'commit' || transaction === undefined) return;
        await at.first.terminateBackend(transaction.xid);
      }),
  });
}

async function killServer(server: Server): Promise<void> {
  await server.kill();
  await server.restart();
}

/** PostgreSQL then throws its memory away and recovers as after a crash; its start time stays what it was. */
async function killBackend(server: Server, xid: bigint): Promise<void> {
  const client = new pg.Client(server.url);
  client.on('error', () => undefined);
  await client.connect();
  const sql = `SELECT pid FROM pg_stat_activity
               WHERE backend_xid::text = ($1::bigint % 4294967296)::text`;
  const { rows } = await client.query<{ pid: number }>(sql, [xid]);
  const lost = new Promise((resolve) => client.once('end', resolve));
  for (const { pid } of rows) process.kill(pid, 'SIGKILL');
  await lost;
}

/** Two engines on a PostgreSQL of their own. */
async function openPair(stack: AsyncDisposableStack, server: Server, wraps: [Wrap, Wrap]) {
  await createRegisterTables(server.url);
  const prefix = redisKeyPrefix();
  const open = async (wrap: Wrap): Promise<RegisterBed> => {
    const store = await openRedisEntryStore({ url: localStack().redisUrl, prefix });
    stack.use(store);
    return stack.use(await RegisterBed.open({ databaseUrl: server.url, store, wrap }));
  };
  const [crashing, other] = wraps;
  return { writer: await open(crashing), other: await open(other) };
}

describe('PostgreSQL crashes during COMMIT', () => {
  it.each([
    ['the server', killServer],
    ['one backend of it', killBackend],
  ])(
    "a write cut off by the end of %s is never acknowledged on another transaction's word",
    { timeout: 60_000 },
    async (_, crash) => {
      await using stack = new AsyncDisposableStack();
      const server = stack.use(
        await startTestPostgres({ arguments: forgetful.flatMap((setting) => ['-c', setting]) }),
      );
      const question = new Gate();
      const xidsOfOthers: bigint[] = [];
      let lostXid: bigint | undefined;
      const { writer, other } = await openPair(stack, server, [
        (transactions) =>
          interceptedTransactions(transactions, async (step, transaction) => {
            if (step === 'commit' && transaction !== undefined && lostXid === undefined) {
              lostXid = transaction.xid;
              await crash(server, transaction.xid);
            }
            // It asks what became of its transaction only after the id was given to another one.
            if (step === 'statuses') await question.pass();
          }),
        (transactions) =>
          interceptedTransactions(transactions, async (step, transaction) => {
            if (step === 'commit' && transaction !== undefined) xidsOfOthers.push(transaction.xid);
          }),
      ]);
      await other.set(2, 'before');

      const write = writer.set(1, 'never committed').catch((err: unknown) => err);
      await question.arrived;
      await expect
        .poll(async () => {
          await other.set(2, 'after').catch(() => undefined);
          return lostXid !== undefined && xidsOfOthers.includes(lostXid);
        }, patience)
        .toBe(true);
      expect((await other.registers.read(1)).value?.text).toBe('first');
      question.open();

      expect(await write).toBeInstanceOf(CommitOutcomeUnknownError);
      expect(await other.stored(1)).toEqual({ version: 1, text: 'first' });
      for (const reader of [other, writer]) {
        expect((await reader.registers.read(1)).value?.text).toBe('first');
        await expect
          .poll(async () => reader.registers.read(1), patience)
          .toEqual({ outcome: 'hit', value: { id: 1, text: 'first' } });
      }
      expect((await writer.set(1, 'second')).version).toBe(2);
      expect((await other.registers.read(1)).value?.text).toBe('second');
    },
  );

  it('a write that took place before the crash is unknown to its writer and true to every reader', async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startTestPostgres());
    let isCrashed = false;
    const { writer, other } = await openPair(stack, server, [
      (transactions) =>
        interceptedTransactions(
          transactions,
          async (step) => {
            if (step !== 'statuses' || isCrashed) return;
            isCrashed = true;
            await killServer(server);
          },
          () => true,
        ),
      (transactions) => transactions,
    ]);
    await expect(writer.set(1, 'second')).rejects.toThrow(CommitOutcomeUnknownError);
    expect(await other.stored(1)).toEqual({ version: 2, text: 'second' });
    for (const reader of [other, writer]) {
      expect((await reader.registers.read(1)).value?.text).toBe('second');
    }
    await expect
      .poll(async () => other.registers.read(1), patience)
      .toEqual({ outcome: 'hit', value: { id: 1, text: 'second' } });
  });
});

describe('a COMMIT whose answer is lost while PostgreSQL goes on', () => {
  it('is acknowledged if PostgreSQL says that it took place', async () => {
    await using at = await openFleet();
    const writer = await at.another({
      wrapTransactions: (transactions) =>
        interceptedTransactions(
          transactions,
          async () => undefined,
          () => true,
        ),
    });
    const { version, outcome } = await writer.set(1, 'second');
    expect(version).toBe(2);
    expect(['published', 'deferred']).toContain(outcome);
    await expectEverywhere(at, writer, { version: 2, text: 'second' });
  });

  it('is refused if PostgreSQL says that it did not take place', async () => {
    await using at = await openFleet();
    const writer = await cutOffBeforeCommit(at);
    await expect(writer.set(1, 'never committed')).rejects.toThrow(DatabaseUnavailableError);
    await expectEverywhere(at, writer, { version: 1, text: 'first' });
  });

  it('is acknowledged although a pooler answers it with an ERROR of its own', async () => {
    await using at = await openFleet();
    await using control = new PgConnectionPool({ databaseUrl: at.databaseUrl, connectionsMax: 2 });
    await using inner = new PgConnectionPool({ databaseUrl: at.databaseUrl, connectionsMax: 2 });
    // So does PgBouncer before 1.16 when it loses its connection to the server.
    const writes = interceptedPool(inner, async ({ text }, send) => {
      const result = await send();
      if (text !== 'COMMIT') return result;
      const answer = { severity: 'ERROR', code: '08P01' };
      throw Object.assign(new Error('server conn crashed?'), answer);
    });
    const beforeSql = new Gate();
    const writer = await at.another({
      wrapTransactions: () =>
        interceptedTransactions(
          new PostgresTransactions({ writes, control, name: 'registers' }),
          async (step) => {
            if (step === 'query') await beforeSql.pass();
          },
        ),
    });
    const write = writer.set(1, 'third');
    await beforeSql.arrived;
    // Published beneath the attempt that goes on: what is left if that one passes for rolled back.
    await at.first.set(1, 'second');
    beforeSql.open();
    expect((await write).version).toBe(3);
    await expectEverywhere(at, writer, { version: 3, text: 'third' });
  });
});

describe('a write whose statement travels with COMMIT', () => {
  it('is acknowledged with its version when every answer was lost and PostgreSQL went on', async () => {
    await using at = await openFleet();
    await using losing = await openLosingWriter(at);
    losing.loses = true;
    expect(await losing.bed.setAtOnce(1, 'second')).toMatchObject({ version: 2 });
    await expectEverywhere(at, losing.bed, { version: 2, text: 'second' });
  });

  it('is unknown when its answers were lost and another write came after it, and stays done', async () => {
    await using at = await openFleet();
    await using losing = await openLosingWriter(at, {
      after: async () => {
        await at.first.set(1, 'third');
      },
    });
    losing.loses = true;
    await expect(losing.bed.setAtOnce(1, 'second')).rejects.toThrow(CommitOutcomeUnknownError);
    await expectEverywhere(at, losing.bed, { version: 3, text: 'third' });
  });

  it('is unknown when its row does not tell, and what was published beneath it is not taken for the last', async () => {
    await using at = await openFleet();
    await using losing = await openLosingWriter(at, {
      before: async () => {
        await at.first.set(1, 'second');
      },
      // As whoever counts how often the row was shown: no new version, and yet another signature.
      after: async () => {
        await at.first.outside(
          `BEGIN; ${markWriterSql('views')}; UPDATE registers SET text = text; COMMIT`,
        );
      },
    });
    losing.loses = true;
    await expect(losing.bed.setAtOnce(1, 'third')).rejects.toThrow(CommitOutcomeUnknownError);
    await expectEverywhere(at, losing.bed, { version: 3, text: 'third' });
  });

  it('is refused when the connection broke before it, and was not done', async () => {
    await using at = await openFleet();
    const writer = await cutOffBeforeCommit(at);
    await expect(writer.setAtOnce(1, 'never')).rejects.toThrow(DatabaseUnavailableError);
    await expectEverywhere(at, writer, { version: 1, text: 'first' });
  });

  it('is not done if its statement fails, and the connection goes on', async () => {
    await using at = await openFleet({ connectionsMax: 1 });
    await at.first.outside('ALTER TABLE registers ADD CHECK (length(text) < 9)');
    await expect(at.first.setAtOnce(1, 'much too long')).rejects.toThrow(/check constraint/);
    await expectEverywhere(at, at.first, { version: 1, text: 'first' });
    expect(await at.first.setAtOnce(1, 'second')).toEqual({ version: 2, outcome: 'published' });
    await expectEverywhere(at, at.first, { version: 2, text: 'second' });
  });

  it('that it refuses leaves an entry that the next reader fills', async () => {
    await using at = await openFleet();
    await expect(at.first.setAtOnce(99, 'nobody')).rejects.toThrow(NoRegisterError);
    await expect
      .poll(async () => at.first.registers.read(99), patience)
      .toEqual({ outcome: 'negative', value: undefined });
    expect(await at.first.setAtOnce(1, 'second')).toMatchObject({ version: 2 });
  });
});

/** What others do right before the last statement of a writer, and right after its COMMIT. */
interface Others {
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

/** A writer whose connection breaks once, after PostgreSQL has done all that was sent with COMMIT. */
async function openLosingWriter(at: Fleet, { before, after }: Others = {}) {
  await using opened = new AsyncDisposableStack();
  const { databaseUrl } = at;
  const control = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 2 }));
  const inner = opened.use(new PgConnectionPool({ databaseUrl, connectionsMax: 2 }));
  const losing = { loses: false };
  const writes = interceptedPool(inner, async ({ text }, send) => {
    if (!losing.loses || /^(BEGIN|SELECT)/.test(text)) return send();
    if (text !== 'COMMIT') await before?.();
    await send();
    if (text === 'COMMIT') {
      losing.loses = false;
      await after?.();
    }
    throw new Error('Connection terminated unexpectedly');
  });
  const bed = await at.another({
    wrapTransactions: () => new PostgresTransactions({ writes, control, name: 'registers' }),
  });
  const stack = opened.move();
  return Object.assign(losing, {
    bed,
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  });
}

async function expectEverywhere(
  at: Fleet,
  writer: RegisterBed,
  stored: { version: number; text: string },
): Promise<void> {
  expect(await at.first.stored(1)).toEqual(stored);
  for (const reader of [at.first, writer]) {
    expect((await reader.registers.read(1)).value?.text).toBe(stored.text);
    await expect
      .poll(async () => reader.registers.read(1), patience)
      .toEqual({ outcome: 'hit', value: { id: 1, text: stored.text } });
  }
}
