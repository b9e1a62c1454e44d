export {
  openWriteThrough,
  type OpenWriteThrough,
  type OpenWriteThroughOptions,
} from './open-write-through.ts';
export { type Row, type SqlRecords, sqlSource } from './sql-source.ts';
export { tablesSql } from './tables.ts';
