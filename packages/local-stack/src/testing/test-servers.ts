import { PostgresServer, type PostgresServerOptions } from '../postgres-server.ts';
import { RedisCluster, type RedisClusterOptions } from '../redis-cluster.ts';
import { RedisSentinels, type RedisSentinelsOptions } from '../redis-sentinels.ts';
import { RedisServer, type RedisServerOptions } from '../redis-server.ts';

/** A temporary Redis for one test to kill, pause and restart. */
export function startTestRedis(
  options: Omit<RedisServerOptions, 'directory'> = {},
): Promise<RedisServer> {
  return RedisServer.start(options);
}

/** A temporary Redis Cluster. Takes some seconds: one for a file of tests, where that does. */
export function startTestRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  return RedisCluster.start(options);
}

/** A temporary primary with replicas and the Sentinels that watch them. Takes some seconds. */
export function startTestRedisSentinels(
  options: RedisSentinelsOptions = {},
): Promise<RedisSentinels> {
  return RedisSentinels.start(options);
}

/** A temporary PostgreSQL for one test to kill and restart. Takes a second: prefer createTestDatabase. */
export function startTestPostgres(
  options: Omit<PostgresServerOptions, 'directory'> = {},
): Promise<PostgresServer> {
  return PostgresServer.start(options);
}
