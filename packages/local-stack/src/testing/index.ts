export { compileCacheEnvironment } from '../compile-cache.ts';
export { findRedisProgram } from '../redis-program.ts';
export { localStack, redisKeyPrefix, type ProvidedStack } from './provided-stack.ts';
export { findPgBouncer, startPgBouncer } from './pgbouncer.ts';
export {
  spawnNode,
  type ProcessExit,
  type SpawnedNode,
  type SpawnNodeOptions,
} from './spawned-node.ts';
export { createTestCertificate } from './test-certificate.ts';
export { createTestDatabase, type DatabaseTemplate, type TestDatabase } from './test-database.ts';
export {
  startTestPostgres,
  startTestRedis,
  startTestRedisCluster,
  startTestRedisSentinels,
} from './test-servers.ts';
