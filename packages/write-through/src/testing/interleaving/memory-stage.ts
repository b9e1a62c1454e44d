import type { Scheduler } from 'fast-check';
import { interceptedStore } from '../../intercepted-store.ts';
import { entryRules } from '../entry-rules.ts';
import { MemoryDatabase } from '../memory-database.ts';
import { MemoryEntryStore } from '../memory-entry-store.ts';
import { networkedPorts } from './engine-ports.ts';
import { type Fault, Network, NetworkProcess } from './network.ts';
import { PlayClock, type PlayStage } from './play.ts';
import { registerEngine, registerKey } from './register-engine.ts';
import { ScheduledAmbient } from './scheduled-ambient.ts';
import type { Variant } from './variant.ts';

/**
 * Engines within one epoch, over stores in memory, with every message in the hands of the scheduler. Nobody
 * begins another epoch, so what loses entries ends the use of the store.
 */
export async function memoryStage(
  scheduler: Scheduler,
  faults: readonly Fault[],
  { rules = entryRules, ports = (same) => same, engine = (same) => same }: Variant = {},
): Promise<PlayStage> {
  const network = new Network(scheduler, faults);
  const ambient = new ScheduledAmbient(scheduler);
  const clock = new PlayClock();
  const commits = new Map<string, number>();
  const database = new MemoryDatabase({
    ambient,
    onCommit: (_, { text }) => commits.set(text, clock.next()),
  });
  const store = new MemoryEntryStore(rules);
  const epoch = await store.install(0, ambient.token());
  database.register.begin(epoch);
  const evict = () => store.evict(epoch, registerKey);
  let replica = store.replica('replica');
  return {
    scheduler,
    network,
    clock,
    engines: ['A', 'B'].map((name) => {
      const process = new NetworkProcess(name);
      const own = {
        ...networkedPorts(database.asRegisterDatabase(), ambient, network, process),
        store: interceptedStore(store, async (step, send) => network.call(process, step, send)),
      };
      return engine(registerEngine(ports(own, evict), process, epoch));
    }),
    committed: async () => commits,
    happenings: {
      'the entry is evicted': evict,
      'Redis is flushed': () => store.flush(),
      'the replica catches up': () => void (replica = store.replica('replica')),
      'the replica takes over': () => store.failOver(replica, 'replica'),
    },
  };
}
