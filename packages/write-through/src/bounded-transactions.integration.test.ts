import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from './errors.ts';
import { epochLockSql } from './postgres/epoch-table.ts';
import { endOverdueHolders, type LockHolder } from './postgres/lock-holders.ts';
import { interceptedPool } from './postgres/intercepted-pool.ts';
import { PgConnectionPool } from './postgres/pg-connection-pool.ts';
import { PostgresTransactions } from './postgres/postgres-transactions.ts';
import { defaultTransactionLimits } from './postgres/transaction-limits.ts';
import { type Fleet, openFleet } from './testing/fleet.ts';
import { openRedisClient } from './testing/redis-client.ts';
import { spawnStoppingWriter } from './testing/spawn-stopping-writer.ts';

/** What a busy machine may take beyond a limit of ours. */
const slackMs = 3_000;
/** From the moment when the epoch cannot go on: a lease, the wait for writers, and one more try. */
const holdUpMs = 13_000;

/** Limits of PostgreSQL's that never end anything, as if it had none or did not notice. */
const unnoticed = { idleMs: 0, totalMs: 600_000 };

describe('a writer that is stopped for good between INTEND and COMMIT', () => {
  it.each([
    ['reject', 'PostgreSQL notices', {}],
    ['degrade', 'PostgreSQL notices', {}],
    ['reject', 'PostgreSQL does not', unnoticed],
    ['degrade', 'PostgreSQL does not', unnoticed],
  ] as const)(
    'holds up the others for a stated time at most, and learns the truth later (%s, %s)',
    { timeout: 60_000 },
    async (onFailure, notices, transactionLimits) => {
      const ended: LockHolder[] = [];
      const onOverdueHolder = (holder: LockHolder) => ended.push(holder);
      await using at = await openFleet({ onFailure, onOverdueHolder });
      await using writer = spawnStoppingWriter(at, {
        stopAt: 'before commit',
        text: 'never committed',
        onFailure,
        transactionLimits,
      });
      await writer.waitForLine(/^stopped/);
      process.kill(writer.pid, 'SIGSTOP');
      await loseMarks(at);

      const beganMs = performance.now();
      // With degrade, the next write waits for nobody: it goes past the cache.
      await expect.poll(async () => outcomeOf(at.first.set(2, 'second')), patience).toBe('done');
      const writableMs = performance.now() - beganMs;
      await expect.poll(() => at.first.cache.state.epoch, patience).toBe(2);
      await expect.poll(() => at.first.cache.state.trusted, patience).toBe(true);
      const activeMs = performance.now() - beganMs;
      console.log(
        `${onFailure}, ${notices}: writes after ${Math.round(writableMs)} ms, cache after ${Math.round(activeMs)} ms`,
      );
      expect(writableMs).toBeLessThan((onFailure === 'degrade' ? 3_000 : holdUpMs) + slackMs);
      expect(activeMs).toBeLessThan(holdUpMs + slackMs);
      expect(ended.map(({ end }) => end)).toEqual(
        notices === 'PostgreSQL notices' ? [] : ['ended'],
      );

      expect((await at.first.set(1, 'second')).version).toBe(2);
      process.kill(writer.pid, 'SIGCONT');
      await writer.waitForLine(/^ended DatabaseUnavailableError$/);
      expect(await at.first.stored(1)).toEqual({ version: 2, text: 'second' });
      for (let reads = 0; reads < 3; reads += 1) {
        expect((await at.first.registers.read(1)).value?.text).toBe('second');
      }
    },
  );
});

describe('the total limit of a write transaction', () => {
  it('ends one that never stops sending statements', async () => {
    await using at = await openFleet({ transactionLimits: { totalMs: 300 } });
    const beganMs = performance.now();
    const write = at.first.cache.write(async (db) => ({
      entries: [at.first.registers.entry(1)],
      apply: async () => {
        for (;;)
          await db.query({ text: 'UPDATE registers SET version = version + 1 WHERE id = 1' });
      },
    }));
    await expect(write).rejects.toThrow(DatabaseUnavailableError);
    expect(performance.now() - beganMs).toBeLessThan(300 + slackMs);
    expect(await at.first.stored(1)).toEqual({ version: 1, text: 'first' });
    expect(await at.first.registers.read(1)).toMatchObject({ value: { text: 'first' } });
  });

  it('is kept by the writer where PostgreSQL has no such limit: no COMMIT is sent after it', async () => {
    await using at = await openFleet();
    await using control = new PgConnectionPool({ databaseUrl: at.databaseUrl, connectionsMax: 1 });
    await using inner = new PgConnectionPool({ databaseUrl: at.databaseUrl, connectionsMax: 1 });
    const sent: string[] = [];
    const writes = interceptedPool(inner, async (query, send) => {
      sent.push(query.text);
      return send();
    });
    const transactions = new PostgresTransactions({
      writes,
      control,
      name: 'registers',
      limits: { totalMs: 200 },
    });
    const transaction = await transactions.begin();
    // As it is in PostgreSQL 15 and 16.
    await transaction.db.query({ text: 'SET LOCAL transaction_timeout = 0' });
    await transaction.db.query({ text: "UPDATE registers SET text = 'never' WHERE id = 1" });
    await transaction.db.query({ text: 'SELECT pg_sleep(0.3)' });
    await expect(transaction.db.query({ text: 'SELECT 1' })).rejects.toThrow('took too long');
    expect(await transaction.commit()).toBe('rolled back');
    expect(sent.at(-1)).toBe('ROLLBACK');
    expect(sent).not.toContain('COMMIT');
    expect(await at.first.stored(1)).toEqual({ version: 1, text: 'first' });
  });

  it('leaves young holders of the lock alone, and says which it may not end', async () => {
    await using at = await openFleet();
    await using admin = await openClient(at.databaseUrl);
    const role = `other_${at.prefix.replaceAll(/\W/g, '_')}`;
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await admin.query(`BEGIN; ${epochLockSql('registers', 'shared')}`);
    try {
      expect(await holders(at.databaseUrl, defaultTransactionLimits.totalMs)).toEqual([]);
      const url = Object.assign(new URL(at.databaseUrl), {
        username: role,
        password: 'secret',
      });
      expect(await holders(url.href, 0)).toMatchObject([{ end: 'forbidden', ageMs: undefined }]);
      expect((await admin.query('SELECT 1')).rowCount).toBe(1);
      expect(await holders(at.databaseUrl, 0)).toMatchObject([{ end: 'ended' }]);
      await expect(admin.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/);
    } finally {
      await using next = await openClient(at.databaseUrl);
      await next.query(`DROP ROLE IF EXISTS ${role}`);
    }
  });
});

async function holders(databaseUrl: string, totalMs: number): Promise<LockHolder[]> {
  await using control = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  return endOverdueHolders({ control, name: 'registers', totalMs });
}

const patience = { timeout: 30_000, interval: 100 };

async function loseMarks(at: Fleet): Promise<void> {
  await using admin = await openRedisClient(at.redisUrl);
  await admin.del(await admin.keys(`${at.prefix}:*:epoch`));
}

async function outcomeOf(write: Promise<unknown>): Promise<string> {
  return write.then(
    () => 'done',
    () => 'refused',
  );
}

async function openClient(databaseUrl: string) {
  const client = new pg.Client(databaseUrl);
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.end() });
}
