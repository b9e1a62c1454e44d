import type { Config } from './config.ts';

/** So many questions about epochs and transactions run at once, whatever the writes are doing. */
export const controlConnectionsMax = 2;
/** The trust lease must not wait behind other questions. */
export const leaseConnectionsMax = 1;

/** Those who follow changes and are far behind ask for pages: no question of the cache, or of health, waits for them. */
export const changesConnectionsMax = 2;

/** How many connections to PostgreSQL one process opens at most. */
export function connectionsMaxOf({ databasePoolMax }: Pick<Config, 'databasePoolMax'>): number {
  return 2 * databasePoolMax + controlConnectionsMax + changesConnectionsMax + leaseConnectionsMax;
}
