import type { Ambient } from '../../ambient.ts';
import type { EntryStore } from '../../entry-store.ts';
import { interceptedStore } from '../../intercepted-store.ts';
import type { RecordSource } from '../../record-source.ts';
import type { Transaction, Transactions } from '../../transactions.ts';
import type { RegisterRow, RegisterSession } from '../register-session.ts';
import type { Network, NetworkProcess } from './network.ts';
import { networkedTransactions } from './networked-transactions.ts';

/** What an engine of registers stands on. */
export interface EnginePorts {
  readonly store: EntryStore;
  readonly transactions: Transactions<RegisterSession>;
  readonly source: RecordSource<number, string>;
  readonly ambient: Ambient;
}

export interface Stores {
  readonly store: EntryStore;
  readonly transactions: Transactions<RegisterSession>;
  select(ids: readonly number[]): Promise<ReadonlyMap<number, RegisterRow>>;
  cutOff(transaction: Transaction<RegisterSession>): Promise<void>;
}

/** The ports of one process, every message of which is in the hands of the network. */
export function networkedPorts(
  stores: Stores,
  ambient: Ambient,
  network: Network,
  process: NetworkProcess,
): EnginePorts {
  const { store, transactions, cutOff } = stores;
  return {
    ambient: { ...ambientOf(ambient), wait: waitWhileAlive },
    store: interceptedStore(store, async (step, send) => network.call(process, step, send)),
    transactions: networkedTransactions(transactions, network, process, cutOff),
    source: {
      namespace: 'register',
      schema: 1,
      lifeMs: 60_000,
      versioned: true,
      key: String,
      load: async (ids) =>
        network.call(process, 'load', async () => {
          const rows = await stores.select(ids);
          return new Map(
            [...rows].map(([id, { version, text }]) => [String(id), { version, value: text }]),
          );
        }),
      encode: (text) => Buffer.from(text),
      decode: (payload) => payload.toString(),
    },
  };

  async function waitWhileAlive(ms: number, signal?: AbortSignal): Promise<void> {
    return process.whileAlive(ambient.wait(ms, signal));
  }
}

function ambientOf(ambient: Ambient): Omit<Ambient, 'wait'> {
  return {
    nowMs: () => ambient.nowMs(),
    monotonicMs: () => ambient.monotonicMs(),
    random: () => ambient.random(),
    token: () => ambient.token(),
  };
}
