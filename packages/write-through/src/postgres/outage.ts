import { DatabaseUnavailableError } from '../errors.ts';

/**
 * SQLSTATE classes and codes after which the same statement may succeed on another connection or later: the
 * server is out of reach, stopping, out of resources, or ended the statement because of a limit of ours.
 */
const outageClasses = new Set(['08', '53', '57', '58', 'XX']);
const outageCodes = new Set([
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout
]);

/** Codes of Node's network errors begin so; `pg` throws them as they are. */
const networkCode = /^E[A-Z]+$/;

/** Whether an error tells of PostgreSQL being away or overloaded, not of the statement being wrong. */
export function isOutage(err: unknown): boolean {
  if (!(err instanceof Error)) return false;
  const code = 'code' in err && typeof err.code === 'string' ? err.code : undefined;
  if (code === undefined) return isConnectionLoss(err);
  return outageClasses.has(code.slice(0, 2)) || outageCodes.has(code) || networkCode.test(code);
}

/** `pg` gives these no code. */
function isConnectionLoss(err: Error): boolean {
  return /connection (terminated|ended|error)|not queryable|client was closed|timeout expired|read timeout/i.test(
    err.message,
  );
}

/** Whether a lock was not had in time, by `lock_timeout`. Looks beneath the error of ours. */
export function isLockTimeout(err: unknown): boolean {
  const cause = err instanceof DatabaseUnavailableError ? err.cause : err;
  return cause instanceof Error && 'code' in cause && cause.code === '55P03';
}

/**
 * Whether the server itself refused, over a connection that goes on: then what it said is final. A pooler
 * reports the loss of its server as an ERROR too, under a code that tells of an outage.
 */
export function isServerRefusal(err: unknown): boolean {
  if (!(err instanceof Error) || !('severity' in err)) return false;
  return err.severity === 'ERROR' && !isOutage(err);
}
