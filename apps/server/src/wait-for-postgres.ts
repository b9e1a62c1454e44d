import type { Logger } from '@throughline/telemetry';
import { DatabaseUnavailableError } from '@throughline/write-through';
import { type ConnectionPool, withConnection } from '@throughline/write-through/postgres';
import { setTimeout as delay } from 'node:timers/promises';

/** `pg_current_xact_id` and `pg_xact_status` are older; 15 is the oldest release that is tested. */
const versionNumberMin = 150_000;

/** A database that is just starting should be found quickly, one that is down not be asked all the time. */
const retryMs = { first: 250, longest: 5_000 };

export interface WaitForPostgresOptions {
  readonly control: ConnectionPool;
  readonly logger: Logger;
  /** Rejects with the signal's reason when it is aborted. */
  readonly signal: AbortSignal;
}

/** Resolves when PostgreSQL answers; rejects at once if it is too old or refuses these credentials. */
export async function waitForPostgres(options: WaitForPostgresOptions): Promise<void> {
  const { control, logger, signal } = options;
  for (let waitMs = retryMs.first; ; waitMs = Math.min(waitMs * 2, retryMs.longest)) {
    signal.throwIfAborted();
    try {
      return await checkVersion(control);
    } catch (err) {
      if (!(err instanceof DatabaseUnavailableError)) throw err;
      const reason = err.cause instanceof Error ? err.cause.message : String(err.cause);
      if (isRefusal(err.cause)) {
        throw new Error(`PostgreSQL refuses DATABASE_URL: ${reason}`, { cause: err });
      }
      logger.warn({ reason, waitMs }, 'PostgreSQL cannot be reached; trying again');
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

async function checkVersion(control: ConnectionPool): Promise<void> {
  const { rows } = await withConnection(control, async (db) =>
    db.query({ text: `SELECT current_setting('server_version_num')::int AS version` }),
  );
  const version = Number(rows[0]?.['version']);
  if (!(version >= versionNumberMin)) {
    throw new Error(`PostgreSQL ${version} is too old: version 15 or newer is needed.`);
  }
}

/** SQLSTATE classes 28 and 3D: wrong credentials, no such database. Waiting does not mend them. */
function isRefusal(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string')
    return false;
  return /^(28|3D)/.test(cause.code);
}
