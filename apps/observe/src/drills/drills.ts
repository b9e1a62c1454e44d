import { connectionsTaken } from './connections-taken.ts';
import type { Drill } from './drill.ts';
import { entryCorrupted } from './entry-corrupted.ts';
import { poolExhausted } from './pool-exhausted.ts';
import { redisKilled } from './redis-killed.ts';
import { tableLocked } from './table-locked.ts';
import { writesRefused } from './writes-refused.ts';

/** In the order in which they run. */
export const drills: readonly Drill[] = [
  redisKilled,
  connectionsTaken,
  poolExhausted,
  entryCorrupted,
  tableLocked,
  writesRefused,
];
