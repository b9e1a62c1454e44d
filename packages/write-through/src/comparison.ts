import { isDeepStrictEqual } from 'node:util';
import type { Entry, FinalEntry } from './entry.ts';
import type { Entries } from './entry-store.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';
import type { ReaderParts } from './reader.ts';
import { entryKey, type RecordSource, type SourceRecord } from './record-source.ts';

/**
 * How an entry stands to its record.
 *
 * - `same`: the entry holds what the database holds.
 * - `stale`: the database is newer, or the record is there and the entry denies it, or the other way round.
 * - `ahead`: the entry is newer, so it holds what was never committed or the database has lost.
 * - `different`: of one version, yet not the same; somebody changed the record without raising its version.
 * - `absent`: there is no entry.
 * - `unjudged`: the entry is pending or leased, of another schema, or changed meanwhile; or the record was changed
 *   past the cache and waits in the outbox.
 */
export type Verdict = 'same' | 'stale' | 'ahead' | 'different' | 'absent' | 'unjudged';

/** Whether the entry is proven wrong. */
export function isViolation(verdict: Verdict): boolean {
  return verdict === 'stale' || verdict === 'ahead' || verdict === 'different';
}

export interface Comparison<Id> {
  readonly id: Id;
  readonly key: string;
  readonly verdict: Verdict;
  /** What the entry tells; null where it tells that there is no record, or tells nothing. */
  readonly cachedVersion: number | null;
  /** What the database tells; null where it has no record or was not asked. */
  readonly storedVersion: number | null;
}

/**
 * Compares entries with their records: entry, record, entry again. Only an entry that is final and was the same
 * before and after is judged. It was answered from all the while, so what it holds must be what the database
 * held in between. Nothing is compared, and the answer is empty, while the store is away or not trusted. Throws
 * `DatabaseUnavailableError` if PostgreSQL is away.
 */
export async function compareWithDatabase<Id, Value>(
  source: RecordSource<Id, Value>,
  { store, epochs, outbox }: Pick<ReaderParts, 'store' | 'epochs' | 'outbox'>,
  ids: readonly Id[],
): Promise<Comparison<Id>[]> {
  const epoch = epochs.current;
  if (epoch === undefined || ids.length === 0) return [];
  const keys = ids.map((id) => entryKey(source, id));
  const before = await store.get(epoch, keys).catch(() => undefined);
  if (before === undefined || 'state' in before) return [];
  const records = await source.load(ids.filter((id) => isFinal(before.get(entryKey(source, id)))));
  const compared = ids.map((id) => compare(source, id, before, records));
  const waiting = await waitingFor(compared, epoch, outbox);
  const after = await store.get(epoch, keys).catch(() => undefined);
  // As for a reader: what came counts if the epoch still holds now that it is here.
  if (after === undefined || 'state' in after || !isSameEpoch(epoch, epochs.current)) return [];
  return compared.map((comparison) => {
    const { id, key, verdict } = comparison;
    const [entry, later] = [before.get(key), after.get(key)];
    const isJudged = verdict !== 'absent' && verdict !== 'unjudged';
    if (!isJudged || (isFinal(entry) && isUnchanged(entry, later) && !waiting.has(key))) {
      return comparison;
    }
    return unjudged(id, key);
  });
}

/**
 * Those of the disagreements that a change made past the cache explains. Asked after the records were read and
 * before the entries are looked at again: the change was in the record, so its row was there by then, unless a
 * drain had removed it; and a drain replaces the entry before it removes the row, so the entry is another at the
 * second look.
 */
async function waitingFor(
  compared: readonly Comparison<unknown>[],
  epoch: Epoch,
  outbox: ReaderParts['outbox'],
): Promise<ReadonlySet<string>> {
  const keys = compared.filter(({ verdict }) => isViolation(verdict)).map(({ key }) => key);
  return outbox === undefined || keys.length === 0 ? new Set() : outbox.waiting(epoch, keys);
}

function compare<Id, Value>(
  source: RecordSource<Id, Value>,
  id: Id,
  entries: Entries,
  records: ReadonlyMap<string, SourceRecord<Value>>,
): Comparison<Id> {
  const key = entryKey(source, id);
  const entry = entries.get(key);
  if (entry?.state === 'absent') return { id, key, verdict: 'absent', ...noVersions };
  if (!isFinal(entry)) return unjudged(id, key);
  const record = records.get(source.key(id));
  return {
    id,
    key,
    verdict: judge(source, entry, record),
    cachedVersion: entry.state === 'value' ? entry.version : null,
    storedVersion: record?.version ?? null,
  };
}

function unjudged<Id>(id: Id, key: string): Comparison<Id> {
  return { id, key, verdict: 'unjudged', ...noVersions };
}

const noVersions = { cachedVersion: null, storedVersion: null } as const;

function judge<Value>(
  source: Pick<RecordSource<unknown, Value>, 'schema' | 'encode' | 'decode'>,
  entry: FinalEntry,
  record: SourceRecord<Value> | undefined,
): Verdict {
  if (entry.state === 'value' && entry.schema !== source.schema) return 'unjudged';
  if (record === undefined) return entry.state === 'none' ? 'same' : 'stale';
  if (entry.version !== record.version) return entry.version < record.version ? 'stale' : 'ahead';
  if (entry.state === 'none') return 'stale';
  // The record goes through the codec too, as what a codec drops is no difference.
  const stored = source.decode(source.encode(record.value));
  return isDeepStrictEqual(decoded(source, entry.payload), stored) ? 'same' : 'different';
}

function decoded<Value>(
  source: Pick<RecordSource<unknown, Value>, 'decode'>,
  payload: Buffer,
): Value | undefined {
  try {
    return source.decode(payload);
  } catch {
    return undefined;
  }
}

function isFinal(entry: Entry | undefined): entry is FinalEntry {
  return entry?.state === 'value' || entry?.state === 'none';
}

/** A life that was given anew is no change. */
function isUnchanged(entry: FinalEntry, later: Entry | undefined): boolean {
  if (!isFinal(later) || later.state !== entry.state || later.version !== entry.version) {
    return false;
  }
  if (entry.state === 'none' || later.state === 'none') return true;
  return entry.schema === later.schema && entry.payload.equals(later.payload);
}
