import { PostgresServer, type PostgresServerOptions } from '../postgres-server.ts';
import { RedisServer, type RedisServerOptions } from '../redis-server.ts';

/** A temporary Redis for one test to kill, pause and restart. */
export function startTestRedis(
  options: Omit<RedisServerOptions, 'directory'> = {},
): Promise<RedisServer> {
  return RedisServer.start(options);
}

/** A temporary PostgreSQL for one test to kill and restart. Takes a second: prefer createTestDatabase. */
export function startTestPostgres(
  options: Omit<PostgresServerOptions, 'directory'> = {},
): Promise<PostgresServer> {
  return PostgresServer.start(options);
}
