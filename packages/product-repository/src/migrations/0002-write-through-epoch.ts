import { epochTableSql } from '@throughline/write-through/postgres';
import type { Migration } from './migration.ts';

/** The row with which the cache's engine agrees on an epoch, see the engine's documentation. */
export const writeThroughEpoch: Migration = {
  name: '0002-write-through-epoch',
  up: async (db) => {
    await db.query({ text: epochTableSql, values: [] });
  },
};
