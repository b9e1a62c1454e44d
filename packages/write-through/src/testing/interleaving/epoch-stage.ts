import type { Scheduler } from 'fast-check';
import type { OnFailure } from '../../epoch-keeper.ts';
import type { Limits } from '../../limits.ts';
import { WriteThroughCache } from '../../write-through-cache.ts';
import { entryRules } from '../entry-rules.ts';
import { MemoryDatabase } from '../memory-database.ts';
import { MemoryEntryStore } from '../memory-entry-store.ts';
import { type EnginePorts, networkedPorts } from './engine-ports.ts';
import { type Fault, Network, NetworkProcess } from './network.ts';
import { type Engine, PlayClock, type PlayStage } from './play.ts';
import {
  eitherWay,
  hastyLimits,
  registerKey,
  registerPlan,
  warmRegister,
} from './register-engine.ts';
import { ScheduledAmbient } from './scheduled-ambient.ts';
import { SwitchedStore } from './switched-store.ts';
import type { Variant } from './variant.ts';

export interface EpochStageOptions {
  readonly faults: readonly Fault[];
  readonly onFailure: OnFailure;
  /** How the epoch row stands at first. Clients wait until their caches know an epoch that is `active`. */
  readonly begins: 'active' | 'bypass';
  /** How often others go before the clock does. */
  readonly clockTurns?: number | undefined;
}

/** Enough for a new epoch or two; the keepers never rest. */
const turnsMax = 400;
const restTurnsMax = 60;

/** Whole caches with their keepers, in two processes with a store each may lose, over stores in memory. */
export async function epochStage(
  scheduler: Scheduler,
  { faults, onFailure, begins, clockTurns }: EpochStageOptions,
  variant: Variant = {},
): Promise<PlayStage> {
  const { rules = entryRules, ports = (same) => same, engine = (same) => same } = variant;
  const network = new Network(scheduler, faults);
  const ambient = new ScheduledAmbient(scheduler, clockTurns);
  const clock = new PlayClock();
  const commits = new Map<string, number>();
  const database = new MemoryDatabase({
    ambient,
    onCommit: (_, { text }) => commits.set(text, clock.next()),
    activatesWithoutLock: variant.activatesWithoutLock === true,
  });
  const primary = new MemoryEntryStore(rules);
  const epoch = await primary.install(0, ambient.token());
  if (begins === 'active') database.register.begin(epoch);
  else await database.register.bypass(0);
  let replica = primary.replica('replica');
  const evict = (): void => {
    const { row } = database.register;
    for (const instance of [primary, replica]) {
      if (row.state === 'active') instance.evict(row.epoch, registerKey);
    }
  };
  const options = { onFailure, limits: variant.limits, isAwaited: begins === 'active' };
  const members = ['A', 'B'].map((name) => {
    const process = new NetworkProcess(name);
    const store = new SwitchedStore(async (step, send) => network.call(process, step, send));
    store.connect(primary);
    const own = {
      ...networkedPorts(database.asRegisterDatabase(), ambient, network, process),
      store: store.asEntryStore(),
    };
    return {
      process,
      store,
      engine: engine(cacheEngine(ports(own, evict), process, options)),
    };
  });
  const [first, second] = members;
  return {
    scheduler,
    network,
    clock,
    turnsMax,
    restTurnsMax,
    engines: members.map((member) => member.engine),
    committed: async () => commits,
    happenings: {
      'the entry is evicted': evict,
      'Redis is flushed': () => (second?.store.instance ?? primary).flush(),
      'Redis restarts empty': () => primary.restart('empty'),
      'Redis restarts with its data': () => primary.restart('kept'),
      'the replica catches up': () => {
        if (members.every(({ store }) => store.instance !== replica)) {
          replica = primary.replica('replica');
        }
      },
      'A finds the replica': () => first?.store.connect(replica),
      'B finds the replica': () => second?.store.connect(replica),
      'A loses Redis': () => first?.store.connect(undefined),
      'A finds Redis again': () => first?.store.connect(primary),
      'A loses PostgreSQL': () => first?.process.cutFromDatabase(true),
      'A finds PostgreSQL again': () => first?.process.cutFromDatabase(false),
    },
  };
}

interface CacheEngineOptions {
  readonly onFailure: OnFailure;
  readonly limits: Partial<Limits> | undefined;
  readonly isAwaited: boolean;
}

function cacheEngine(
  { store, transactions, register, source, ambient }: EnginePorts,
  process: NetworkProcess,
  { onFailure, limits: own, isAwaited }: CacheEngineOptions,
): Engine {
  const limits = { ...hastyLimits, ...own };
  const cache = new WriteThroughCache({
    store,
    transactions,
    register,
    onFailure,
    ambient,
    limits,
  });
  const records = cache.records(source);
  const started = cache.start();
  return {
    process,
    ...(isAwaited ? { started } : {}),
    read: eitherWay(records, source),
    write: async (by, act) => cache.write(registerPlan(records, by, act)),
    // The cache sweeps by itself.
    sweep: async () => undefined,
    warm: async () => warmRegister(records),
  };
}
