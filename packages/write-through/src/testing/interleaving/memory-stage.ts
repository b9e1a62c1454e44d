import type { Scheduler } from 'fast-check';
import type { EntryStore } from '../../entry-store.ts';
import type { Epoch } from '../../epoch.ts';
import { entryKey } from '../../record-source.ts';
import { type EntryRules, entryRules } from '../entry-rules.ts';
import { MemoryDatabase, MemoryTransaction } from '../memory-database.ts';
import { MemoryEntryStore } from '../memory-entry-store.ts';
import { type EnginePorts, networkedPorts } from './engine-ports.ts';
import { type Fault, Network, NetworkProcess } from './network.ts';
import { type Engine, PlayClock, type Stage } from './play.ts';
import { registerEngine, registerId } from './register-engine.ts';
import { ScheduledAmbient } from './scheduled-ambient.ts';

/** What a broken variant of the engine puts in the place of a part; nothing is ours. */
export interface Variant {
  /** How the store changes its entries. */
  readonly rules?: EntryRules;
  /** Around the ports of each process. */
  ports?(ports: EnginePorts, evict: () => void): EnginePorts;
  /** Around each engine. */
  engine?(engine: Engine): Engine;
}

export interface MemoryStage extends Stage {
  readonly store: MemoryEntryStore;
  readonly database: MemoryDatabase;
  readonly epoch: Epoch;
  evict(): void;
}

/** Engines within one epoch, over stores in memory, with every message in the hands of the scheduler. */
export async function memoryStage(
  scheduler: Scheduler,
  faults: readonly Fault[],
  { rules = entryRules, ports = (same) => same, engine = (same) => same }: Variant = {},
): Promise<MemoryStage> {
  const network = new Network(scheduler, faults);
  const ambient = new ScheduledAmbient(scheduler);
  const clock = new PlayClock();
  const commits = new Map<string, number>();
  const store = new MemoryEntryStore(rules);
  const database = new MemoryDatabase({
    ambient,
    onCommit: (_, { text }) => commits.set(text, clock.next()),
  });
  const epoch = await store.install(0, ambient.token());
  database.register.begin(epoch);
  const key = entryKey({ namespace: 'register', key: String }, registerId);
  const evict = () => store.evict(epoch, key);
  const engines = ['A', 'B'].map((name) => {
    const process = new NetworkProcess(name);
    const stores = memoryStores(store, database);
    const own = ports(networkedPorts(stores, ambient, network, process), evict);
    return engine(registerEngine(own, process, epoch));
  });
  return {
    scheduler,
    network,
    clock,
    engines,
    committed: async () => commits,
    store,
    database,
    epoch,
    evict,
  };
}

export function memoryStores(store: EntryStore, database: MemoryDatabase) {
  return {
    store,
    transactions: database,
    select: async (ids: readonly number[]) => new Map(ids.map((id) => [id, database.select(id)])),
    cutOff: async (transaction: unknown) => {
      if (transaction instanceof MemoryTransaction) transaction.cutOff();
    },
  };
}
