export { RedisEntryStore, type RedisEntryStoreOptions } from './redis-entry-store.ts';
export { RedisEvaluator } from './redis-evaluator.ts';
export { parseRedisLocation, type RedisLocation } from './redis-place.ts';
