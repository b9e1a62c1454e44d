import { setTimeout as delay } from 'node:timers/promises';
import { localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import type { Scheduler } from 'fast-check';
import type { EntryStore } from '../../entry-store.ts';
import type { Epoch } from '../../epoch.ts';
import { interceptedStore } from '../../intercepted-store.ts';
import { Evictor } from '../evictor.ts';
import { openRedisEntryStore } from '../open-redis-entry-store.ts';
import { openPostgresRegisters, type PostgresRegisters } from '../postgres-registers.ts';
import { networkedPorts } from './engine-ports.ts';
import { type Fault, Network, NetworkProcess } from './network.ts';
import { PlayClock, type PlayStage } from './play.ts';
import { registerEngine, registerKey } from './register-engine.ts';
import { ScheduledAmbient } from './scheduled-ambient.ts';
import type { Variant } from './variant.ts';

/** What has not answered by then waits for a lock, so for somebody else's turn. */
const answerMs = 30;
/** Where it is nobody else's turn, what has not answered by then never will. */
const stuckMs = 10_000;

/** A PostgreSQL database and a key prefix in Redis, for one play after the other. */
export class RealStores implements AsyncDisposable {
  readonly #registers: PostgresRegisters;
  readonly #store: EntryStore;
  readonly #evictor: Evictor;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    registers: PostgresRegisters,
    store: EntryStore,
    evictor: Evictor,
    stack: AsyncDisposableStack,
  ) {
    this.#registers = registers;
    this.#store = store;
    this.#evictor = evictor;
    this.#stack = stack;
  }

  static async open(): Promise<RealStores> {
    await using opened = new AsyncDisposableStack();
    const registers = opened.use(await openPostgresRegisters());
    const [url, prefix] = [localStack().redisUrl, redisKeyPrefix()];
    const store = opened.use(await openRedisEntryStore({ url, prefix }));
    const evictor = opened.use(new Evictor(url, prefix));
    return new RealStores(registers, store, evictor, opened.move());
  }

  /** Engines within a new epoch, with every message in the hands of the scheduler. */
  async stage(
    scheduler: Scheduler,
    faults: readonly Fault[],
    { ports = (same) => same, engine = (same) => same }: Variant = {},
  ): Promise<PlayStage> {
    const network = new Network(scheduler, faults);
    const ambient = new ScheduledAmbient(scheduler);
    const epoch = await this.#beginEpoch(ambient.token());
    let evicting: Promise<void> | undefined;
    const evict = (): void => {
      evicting = this.#evictor.evict(registerKey);
    };
    return {
      scheduler,
      network,
      clock: new PlayClock(),
      engines: ['A', 'B'].map((name) => {
        const process = new NetworkProcess(name);
        const own = {
          ...networkedPorts(this.#registers, ambient, network, process),
          store: interceptedStore(this.#store, async (step, send) =>
            network.call(process, step, send),
          ),
        };
        return engine(registerEngine(ports(own, evict), process, epoch));
      }),
      committed: async () => {
        const texts = await this.#registers.committed();
        return new Map(texts.map((text) => [text, 0]));
      },
      happenings: { 'the entry is evicted': evict },
      settle: async () => {
        await evicting;
        const beganMs = performance.now();
        const isPatient = () =>
          performance.now() - beganMs < (scheduler.count() > 0 ? answerMs : stuckMs);
        while (network.underWay > 0 && isPatient()) await delay(1);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registers.clear();
    await this.#stack.disposeAsync();
  }

  async #beginEpoch(id: string): Promise<Epoch> {
    await this.#registers.clear();
    const { register } = this.#registers;
    const { row } = await register.read();
    if (row.state === 'active') await register.drain(row.epoch);
    const number = row.state === 'active' ? row.epoch.number : row.number;
    await register.activate(number, 5_000, async () => this.#store.install(number, id));
    const begun = await register.read();
    if (begun.row.state !== 'active') throw new Error('The epoch of the play did not begin.');
    return begun.row.epoch;
  }
}
