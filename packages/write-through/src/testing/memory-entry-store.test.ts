import { describeEntryStore } from './entry-store-contract.ts';
import { MemoryEntryStore } from './memory-entry-store.ts';

describeEntryStore('MemoryEntryStore', async () => new MemoryEntryStore());
