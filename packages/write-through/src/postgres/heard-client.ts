import pg from 'pg';

/**
 * A client of `pg` whose errors have a listener from its first moment on; without one, the process dies of them.
 * A server that ends a connection while it is being made can say so in the same packet as that it is ready: before
 * whoever asked for the connection has it in hand. The statement under way, or the next one, rejects with the
 * same error.
 */
export class HeardClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
