export { RedisEntryStore, type RedisEntryStoreOptions } from './redis-entry-store.ts';
