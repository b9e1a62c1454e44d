import { ConnectionError } from 'sequelize';
import { isOutage } from '@throughline/write-through/postgres';

/**
 * The name of the constraint that a statement violated, as the migrations name it; undefined for every other
 * error. It sees through Sequelize's wrappers.
 */
export function constraintViolated(err: unknown): string | undefined {
  const { code, constraint } = fieldsOf(driverError(err));
  // Class 23 of the SQLSTATEs: integrity constraint violation.
  const violated = typeof code === 'string' && code.startsWith('23');
  return violated && typeof constraint === 'string' ? constraint : undefined;
}

/** Whether PostgreSQL, or a free connection to it, could not be had in time, for errors of Sequelize and `pg`. */
export function isDatabaseUnavailable(err: unknown): boolean {
  return err instanceof ConnectionError || isOutage(driverError(err));
}

/** Whether a lock was not had within `lock_timeout`; an error that has another as its cause is of its kind. */
export function isLockNotHad(err: unknown): boolean {
  if (fieldsOf(driverError(err))['code'] === '55P03') return true;
  return err instanceof Error && err.cause !== undefined && isLockNotHad(err.cause);
}

/** Sequelize keeps the driver's error in `parent`. */
function driverError(err: unknown): unknown {
  return fieldsOf(err)['parent'] ?? err;
}

function fieldsOf(err: unknown): Record<string, unknown> {
  return err instanceof Error ? Object.fromEntries(Object.entries(err)) : {};
}
