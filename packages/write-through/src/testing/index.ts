export { sealed as sealedFrame } from '../entry-frame.ts';
export { Gate } from './gate.ts';
export { checkHistory, type Operation as HistoryOperation, type Violation } from './history.ts';
export { interceptedTransactions } from './intercepted-transactions.ts';
export { openRedisEntryStore } from './open-redis-entry-store.ts';
export { MemoryEntryStore } from './memory-entry-store.ts';
export { watchedPool } from './watched-pool.ts';
