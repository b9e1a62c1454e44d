import type { Ambient } from '../../ambient.ts';
import type { EntryStore } from '../../entry-store.ts';
import type { EpochRegister } from '../../epoch-register.ts';
import type { RecordSource } from '../../record-source.ts';
import type { Transaction, Transactions } from '../../transactions.ts';
import type { RegisterRow, RegisterSession } from '../register-session.ts';
import type { Network, NetworkProcess } from './network.ts';
import { networkedTransactions } from './networked-transactions.ts';

/** What an engine of registers stands on. */
export interface EnginePorts {
  readonly store: EntryStore;
  readonly transactions: Transactions<RegisterSession>;
  readonly register: EpochRegister;
  readonly source: RecordSource<number, string>;
  readonly ambient: Ambient;
}

/** A database of registers, in memory or real. */
export interface RegisterDatabase {
  readonly transactions: Transactions<RegisterSession>;
  readonly register: EpochRegister;
  select(ids: readonly number[]): Promise<ReadonlyMap<number, RegisterRow>>;
  /** The connection of the transaction breaks. */
  cutOff(transaction: Transaction<RegisterSession>): Promise<void>;
}

/** The database and the clock of one process, every message of which is in the hands of the network. */
export function networkedPorts(
  database: RegisterDatabase,
  ambient: Ambient,
  network: Network,
  process: NetworkProcess,
): Omit<EnginePorts, 'store'> {
  const { register } = database;
  const ask = async <Result>(send: () => Promise<Result>): Promise<Result> =>
    network.call(process, 'epoch row', send);
  return {
    transactions: networkedTransactions(database, network, process),
    register: {
      read: async () => ask(async () => register.read()),
      drain: async (epoch) => ask(async () => register.drain(epoch)),
      bypass: async (number) => ask(async () => register.bypass(number)),
      activate: async (number, lockWaitMs, install) =>
        ask(async () => register.activate(number, lockWaitMs, install)),
      doubt: async (epoch) => ask(async () => register.doubt(epoch)),
      vouch: async (epoch) => ask(async () => register.vouch(epoch)),
    },
    source: registerSource(async (ids) =>
      network.call(process, 'load', async () => database.select(ids)),
    ),
    ambient: {
      nowMs: () => ambient.nowMs(),
      monotonicMs: () => ambient.monotonicMs(),
      random: () => ambient.random(),
      token: () => ambient.token(),
      wait: async (ms, signal) => process.whileAlive(ambient.wait(ms, signal)),
      endsWithin: async (ms, work) => process.whileAlive(ambient.endsWithin(ms, work)),
    },
  };
}

function registerSource(select: RegisterDatabase['select']): RecordSource<number, string> {
  return {
    namespace: 'register',
    schema: 1,
    lifeMs: 60_000,
    versioned: true,
    key: String,
    load: async (ids) => {
      const rows = await select(ids);
      return new Map(
        [...rows].map(([id, { version, text }]) => [String(id), { version, value: text }]),
      );
    },
    encode: (text) => Buffer.from(text),
    decode: (payload) => payload.toString(),
  };
}
