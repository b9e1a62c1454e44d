import { MemoryEntryStore, checkHistory } from '@throughline/write-through/testing';

const times = { beganMs: 2, endedMs: 3 };
const operations = [
  { kind: 'write' as const, key: 'account', version: 2, beganMs: 0, endedMs: 1 },
  { kind: 'read' as const, key: 'account', version: 1, ...times },
];
console.log(typeof new MemoryEntryStore().identity, checkHistory(operations)[0]?.type);
