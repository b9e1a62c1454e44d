import type { FinalEntry } from '../../entry.ts';
import { entryKey } from '../../record-source.ts';
import type { Transaction } from '../../transactions.ts';
import { type EntryRules, entryRules } from '../entry-rules.ts';
import type { EnginePorts } from '../interleaving/engine-ports.ts';
import type { Variant } from '../interleaving/variant.ts';
import { registerId } from '../interleaving/register-engine.ts';
import type { RegisterRow, RegisterSession } from '../register-session.ts';

/** No write is announced: entries stay as they are until COMMIT. */
const unannounced: EntryRules = { ...entryRules, intended: () => 'superseded' };

/** Whoever misses may fill, and every fill is a SET. */
const unleased: EntryRules = {
  ...unannounced,
  leased: (slot, { token }) =>
    slot === undefined || slot.entry.state === 'lease'
      ? { entry: { state: 'lease', token } }
      : slot,
  filled: (_, { entry }) => ({ entry }),
};

/** SET inside the transaction, then COMMIT, and nothing after it. */
export const setBeforeCommit: Variant = {
  rules: { ...unleased, published: () => 'superseded' },
  ports: (ports) => ({
    ...ports,
    transactions: {
      statuses: async (xids) => ports.transactions.statuses(xids),
      begin: async () => settingBeforeCommit(await ports.transactions.begin(), ports),
    },
  }),
};

/** COMMIT, then DEL; readers fill blindly. */
export const deleteAfterCommit: Variant = { rules: { ...unleased, published: () => 'absent' } };

/** COMMIT, then DEL; a fill needs the lease that was taken before. */
export const leasesWithDelete: Variant = { rules: { ...unannounced, published: () => 'absent' } };

function settingBeforeCommit(
  transaction: Transaction<RegisterSession>,
  { store, source, ambient }: EnginePorts,
): Transaction<RegisterSession> {
  let written: RegisterRow | undefined;
  return {
    ...transaction,
    db: {
      ...transaction.db,
      increment: async (id, by) => (written = await transaction.db.increment(id, by)),
    },
    commit: async () => {
      if (written !== undefined && transaction.epochRow.state === 'active') {
        const { version, text } = written;
        const entry: FinalEntry = {
          state: 'value',
          schema: source.schema,
          version,
          payload: source.encode(text),
          lifeMs: source.lifeMs,
          expiresAtMs: ambient.nowMs() + source.lifeMs,
        };
        const key = entryKey(source, registerId);
        const fill = { token: ambient.token(), entry };
        await store.fill(transaction.epochRow.epoch, key, fill).catch(() => undefined);
      }
      return transaction.commit();
    },
  };
}
