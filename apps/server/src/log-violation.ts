import type { Logger } from '@throughline/telemetry';
import type { AuditViolation, Verdict } from '@throughline/write-through';

/** Says that the auditor found an entry which the database proves wrong: the promise is broken. */
export function logViolation(violation: AuditViolation<number>, logger: Logger): void {
  const { id, key, verdict, cachedVersion, storedVersion } = violation;
  const reason = reasons[verdict];
  logger.error({ id, key, verdict, cachedVersion, storedVersion, reason }, message);
}

const message = 'the cache contradicts the database: reads of this product are wrong';

const reasons: Partial<Record<Verdict, string>> = {
  stale: 'The database has changed and the entry has not.',
  ahead: 'The entry holds a version that the database does not have.',
  different: 'The row was changed and its version was not.',
};
