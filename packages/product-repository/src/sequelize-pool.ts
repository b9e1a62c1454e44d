import type { ConnectionPool, Queryable } from '@throughline/write-through/postgres';
import type { Sequelize } from 'sequelize';

/** Sequelize's own pool, lent to prepared statements: a connection of it is a client of `pg`. */
export class SequelizePool implements ConnectionPool {
  readonly #sequelize: Sequelize;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  async acquire(): Promise<Queryable> {
    const connection = await this.#sequelize.connectionManager.getConnection({ type: 'write' });
    if (!isQueryable(connection)) throw new TypeError('Sequelize lent no client of pg.');
    return connection;
  }

  async release(connection: Queryable, state: 'intact' | 'broken'): Promise<void> {
    const { connectionManager } = this.#sequelize;
    if (state === 'intact') connectionManager.releaseConnection(connection);
    // Not waited for: a connection that was lost in silence never says goodbye.
    else connectionManager.destroyConnection(connection).catch(() => undefined);
  }
}

function isQueryable(connection: object): connection is Queryable {
  return 'query' in connection && typeof connection.query === 'function';
}
