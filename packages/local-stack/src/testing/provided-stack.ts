import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

/** The servers that all integration tests of a run share. */
export interface ProvidedStack {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    localStack: ProvidedStack;
  }
}

/** The run's shared servers: own a database (createTestDatabase) and a key prefix in them. */
export function localStack(): ProvidedStack {
  return inject('localStack');
}

/** A key prefix that no other test has, so that files share one Redis without meeting. */
export function redisKeyPrefix(): string {
  return `test-${randomBytes(8).toString('hex')}:`;
}
