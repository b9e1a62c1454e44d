import { LoadedRecord } from './coded-record.ts';
import { DatabaseUnavailableError } from './errors.ts';
import type { KeyedFill, KeyedLease } from './entry-store.ts';
import { type Epoch, isSameEpoch } from './epoch.ts';
import { finalEntry } from './final-entry.ts';
import type { ReaderParts } from './reader.ts';
import { entryKey, type RecordSource, type SourceRecord } from './record-source.ts';

interface Leased<Id> extends KeyedLease {
  readonly id: Id;
}

/**
 * Loads the records of a page whose entries are absent: as a reader does, lease, then SELECT, then fill, but of all at once.
 * A fill replaces the very lease that was taken before its statement was sent, and nothing else; whatever stands there
 * already is left alone. Readers who meet such a lease are answered by PostgreSQL, as by that of another reader.
 *
 * How many of the page the cache answers afterwards; `untrusted` if that cannot be said, since the epoch was not, or no
 * longer, that one. Throws `DatabaseUnavailableError` if PostgreSQL is away.
 */
export async function loadPage<Id, Value>(
  source: RecordSource<Id, Value>,
  parts: ReaderParts,
  page: { readonly epoch: Epoch; readonly ids: readonly Id[] },
): Promise<number | 'untrusted'> {
  const { store, epochs, ambient, limits } = parts;
  const { epoch, ids } = page;
  const leases = ids.map((id) => ({
    id,
    key: entryKey(source, id),
    token: ambient.token(),
    lifeMs: limits.leaseLifeMs,
  }));
  const found = await store.leaseMany(epoch, leases).catch(() => undefined);
  if (found === undefined) return 'untrusted';
  if ('state' in found) {
    epochs.distrust(epoch, found.reason);
    return 'untrusted';
  }
  const present = found.filter(
    (one) => one.state === 'none' || (one.state === 'value' && one.schema === source.schema),
  ).length;
  const leased = leases.filter((_, index) => found[index]?.state === 'leased');
  const filled = leased.length === 0 ? 0 : await fillLeased(source, parts, { epoch, leased });
  if (filled === 'untrusted' || !isSameEpoch(epoch, epochs.current)) return 'untrusted';
  return present + filled;
}

async function fillLeased<Id, Value>(
  source: RecordSource<Id, Value>,
  parts: ReaderParts,
  { epoch, leased }: { readonly epoch: Epoch; readonly leased: readonly Leased<Id>[] },
): Promise<number | 'untrusted'> {
  const { store, epochs, bulkhead, observer } = parts;
  const fills: KeyedFill[] = [];
  for (const { lease, record } of await bulkhead.run(async () => select(source, leased))) {
    observer?.loaded('miss', record?.version);
    const coded = record && new LoadedRecord(source, record);
    fills.push({ key: lease.key, token: lease.token, entry: finalEntry(source, parts, coded) });
  }
  const outcomes = await store.fillMany(epoch, fills).catch(() => undefined);
  if (outcomes === undefined) return 'untrusted';
  if ('state' in outcomes) {
    epochs.distrust(epoch, outcomes.reason);
    return 'untrusted';
  }
  let applied = 0;
  for (const [index, { entry }] of fills.entries()) {
    if (outcomes[index]?.state !== 'applied') continue;
    applied += 1;
    if (entry.state === 'value') observer?.stored(source.namespace, entry.payload.length);
  }
  return applied;
}

interface Selected<Id, Value> {
  readonly lease: Leased<Id>;
  readonly record: SourceRecord<Value> | undefined;
}

/** One that cannot be read is left out: whoever asks for it is told. */
async function select<Id, Value>(
  source: RecordSource<Id, Value>,
  leased: readonly Leased<Id>[],
): Promise<Selected<Id, Value>[]> {
  try {
    const records = await source.load(leased.map(({ id }) => id));
    return leased.map((lease) => ({ lease, record: records.get(source.key(lease.id)) }));
  } catch (err) {
    if (err instanceof DatabaseUnavailableError) throw err;
    if (leased.length === 1) return [];
    const selected: Selected<Id, Value>[] = [];
    for (const lease of leased) selected.push(...(await select(source, [lease])));
    return selected;
  }
}
