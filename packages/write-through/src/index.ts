export { type Ambient, systemAmbient } from './ambient.ts';
export { retryWaitMs } from './backoff.ts';
export { type AuditCounts, type AuditState, Auditor, type AuditViolation } from './auditor.ts';
export type {
  CacheObserver,
  EntryOutcome,
  Flight,
  LoadCause,
  MissReason,
} from './cache-observer.ts';
export { CachedList, type ListSource } from './cached-list.ts';
export { CachedRecords } from './cached-records.ts';
export { type Comparison, isViolation, type Verdict } from './comparison.ts';
export type { EntryStore } from './entry-store.ts';
export type { OnFailure } from './epoch-keeper.ts';
export type { EpochRegister } from './epoch-register.ts';
export * from './errors.ts';
export * from './instrument.ts';
export type { EntryInspection, InspectedEntry } from './inspection.ts';
export { interceptedStore, type Interception, type StoreStep } from './intercepted-store.ts';
export { defaultLimits, type Limits } from './limits.ts';
export type { Outbox, OutboxBacklog, OutboxRow } from './outbox.ts';
export { OutboxDrain, type PresentRecords } from './outbox-drain.ts';
export type { ReadResult } from './reader.ts';
export type { RecordSource, SourceRecord } from './record-source.ts';
export type { Transaction, Transactions } from './transactions.ts';
export type { WarmOptions, WarmPages, WarmProgress, WarmStep } from './warm.ts';
export { worstOutcome } from './worst-outcome.ts';
export type { AppliedWrite, EntryChange, EntryRef, PlannedWrite, WritePlan } from './write-plan.ts';
export {
  type CacheState,
  type RemovalPlan,
  WriteThroughCache,
  type WriteThroughCacheOptions,
} from './write-through-cache.ts';
export type { WriteResult } from './writer.ts';
