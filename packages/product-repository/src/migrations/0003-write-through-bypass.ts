import { epochBypassSql } from '@throughline/write-through/postgres';
import type { Migration } from './migration.ts';

/** Lets the epoch's row say that the cache is bypassed, and processes ask each other about the store. */
export const writeThroughBypass: Migration = {
  name: '0003-write-through-bypass',
  up: async (db) => {
    await db.query({ text: epochBypassSql, values: [] });
  },
};
