export {
  answerOf,
  type Connection,
  type ConnectionPool,
  type Query,
  type Queryable,
  type QueryResult,
  withConnection,
} from './connection-pool.ts';
export { PgConnectionPool, type PgConnectionPoolOptions } from './pg-connection-pool.ts';
export { interceptedPool, type QueryInterception } from './intercepted-pool.ts';
export { wrappedPool } from './wrapped-pool.ts';
export { isBehindPooler, unprepared } from './pooler.ts';
export { epochBypassSql, epochTableSql } from './epoch-table.ts';
export { isOutage } from './outage.ts';
export { isOutsideSql, markWriterSql, outboxTableSql } from './outbox-table.ts';
export { PostgresOutbox, type PostgresOutboxOptions } from './postgres-outbox.ts';
export { PostgresEpochRegister } from './postgres-epoch-register.ts';
export { PostgresTransactions } from './postgres-transactions.ts';
export type { TransactionLimits } from './transaction-limits.ts';
export type { LockHolder } from './lock-holders.ts';
export { HeardClient } from './heard-client.ts';
