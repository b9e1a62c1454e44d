export { isPortFree } from './free-port.ts';
export { keptDataDirectory } from './local-directory.ts';
export { startLocalStack, type LocalStack, type LocalStackOptions } from './local-stack.ts';
export { PostgresServer, type PostgresServerOptions } from './postgres-server.ts';
export { RedisCluster, type RedisClusterOptions } from './redis-cluster.ts';
export { RedisSentinels, type RedisSentinelsOptions } from './redis-sentinels.ts';
export { type RedisCertificate, RedisServer, type RedisServerOptions } from './redis-server.ts';
export { DirectoryHeldError, ServerStartError } from './server-process.ts';
