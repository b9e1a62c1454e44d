export { describeEntryStore } from './entry-store-contract.ts';
export { checkHistory, type Operation as HistoryOperation, type Violation } from './history.ts';
export { openRedisEntryStore } from './open-redis-entry-store.ts';
export { MemoryEntryStore } from './memory-entry-store.ts';
