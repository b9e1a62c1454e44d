import {
  type Connection,
  type ConnectionPool,
  HeardClient,
} from '@throughline/write-through/postgres';
import type { Sequelize } from 'sequelize';

/** How the connections of a pool are used now. */
export interface PoolState {
  readonly used: number;
  readonly idle: number;
  /** Callers that wait for one. */
  readonly waiting: number;
  /** So many may be open. */
  readonly max: number;
}

/** Sequelize's own pool, lent to prepared statements: a connection of it is a client of `pg`. */
export class SequelizePool implements ConnectionPool {
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  get state(): PoolState {
    const pool: unknown = Reflect.get(this.#sequelize.connectionManager, 'pool');
    if (!isPool(pool)) throw new TypeError('Sequelize has no pool that can be looked into.');
    return { used: pool.using, idle: pool.available, waiting: pool.waiting, max: pool.maxSize };
  }

  async acquire(): Promise<Connection> {
    const connection = await this.#sequelize.connectionManager.getConnection({ type: 'write' });
    if (!(connection instanceof HeardClient))
      throw new TypeError('Sequelize lent no client of ours.');
    return connection;
  }

  async release(connection: Connection, state: 'intact' | 'broken'): Promise<void> {
    const { connectionManager } = this.#sequelize;
    if (state === 'intact') connectionManager.releaseConnection(connection);
    // Not waited for: a connection that was lost in silence never says goodbye.
    else connectionManager.destroyConnection(connection).catch(() => undefined);
  }
}

/** What its types forget of `sequelize-pool`. */
function isPool(pool: unknown): pool is Record<(typeof poolCounts)[number], number> {
  if (typeof pool !== 'object' || pool === null) return false;
  return poolCounts.every((count) => typeof Reflect.get(pool, count) === 'number');
}

const poolCounts = ['using', 'available', 'waiting', 'maxSize'] as const;
