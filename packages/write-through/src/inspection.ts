import type { Ambient } from './ambient.ts';
import type { Entry, Life } from './entry.ts';
import type { ReaderParts } from './reader.ts';
import { entryKey, type RecordSource } from './record-source.ts';
import type { TransactionStatus } from './transactions.ts';

/** The raw state of one entry, for a person. */
export interface EntryInspection<Value> {
  readonly key: string;
  /** Number of the epoch that was looked into; null while the store is not trusted. */
  readonly epoch: number | null;
  readonly entry: InspectedEntry<Value>;
}

/** `untrusted`: readers do not look there now. `unreachable`: the store did not answer. */
export type InspectedEntry<Value> =
  | { readonly state: 'untrusted' | 'unreachable' | 'absent' | 'lease' | 'unreadable' }
  | {
      readonly state: 'value';
      readonly version: number;
      readonly schema: number;
      readonly lifeMs: number;
      readonly lifeLeftMs: number;
      /** Null where this release cannot read it. */
      readonly value: Value | null;
    }
  | {
      readonly state: 'none';
      readonly version: number;
      readonly lifeMs: number;
      readonly lifeLeftMs: number;
    }
  | {
      readonly state: 'pending';
      readonly attempts: readonly {
        readonly xid: string;
        readonly status: TransactionStatus;
      }[];
      /** The highest version published meanwhile; null where there is none. */
      readonly bestVersion: number | null;
    };

/** Looks at the entry as it stands, and changes nothing. */
export async function inspectEntry<Id, Value>(
  source: RecordSource<Id, Value>,
  parts: Pick<ReaderParts, 'store' | 'epochs' | 'transactions' | 'ambient'>,
  id: Id,
): Promise<EntryInspection<Value>> {
  const key = entryKey(source, id);
  const epoch = parts.epochs.current;
  if (epoch === undefined) return { key, epoch: null, entry: { state: 'untrusted' } };
  const found = await parts.store.get(epoch, [key]).catch(() => 'unreachable' as const);
  if (found === 'unreachable') return { key, epoch: epoch.number, entry: { state: found } };
  if ('state' in found) return { key, epoch: null, entry: { state: 'untrusted' } };
  const entry = found.get(key) ?? { state: 'absent' };
  return { key, epoch: epoch.number, entry: await inspected(source, parts, entry) };
}

async function inspected<Value>(
  source: Pick<RecordSource<unknown, Value>, 'schema' | 'decode'>,
  { transactions, ambient }: Pick<ReaderParts, 'transactions' | 'ambient'>,
  entry: Entry,
): Promise<InspectedEntry<Value>> {
  switch (entry.state) {
    case 'value': {
      const { state, version, schema, lifeMs } = entry;
      const value = schema === source.schema ? decoded(source, entry.payload) : null;
      return { state, version, schema, lifeMs, lifeLeftMs: leftMs(entry, ambient), value };
    }
    case 'none': {
      const { state, version, lifeMs } = entry;
      return { state, version, lifeMs, lifeLeftMs: leftMs(entry, ambient) };
    }
    case 'pending': {
      const statuses = await transactions.statuses(entry.attempts.map(({ xid }) => xid));
      return {
        state: 'pending',
        attempts: entry.attempts.map(({ xid }, index) => ({
          xid: String(xid),
          status: statuses[index] ?? 'in progress',
        })),
        bestVersion: entry.bestVersion ?? null,
      };
    }
    case 'absent':
    case 'lease':
    case 'unreadable':
      return { state: entry.state };
  }
}

function decoded<Value>(
  source: Pick<RecordSource<unknown, Value>, 'decode'>,
  payload: Buffer,
): Value | null {
  try {
    return source.decode(payload);
  } catch {
    return null;
  }
}

/** By the wall clock of this process, which may part from the one that began the life. */
function leftMs(life: Life, ambient: Pick<Ambient, 'nowMs'>): number {
  return Math.max(0, life.expiresAtMs - ambient.nowMs());
}
