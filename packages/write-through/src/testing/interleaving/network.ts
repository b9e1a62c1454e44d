import type { Scheduler } from 'fast-check';
import type { StoreStep } from '../../intercepted-store.ts';

export const databaseSteps = [
  'begin',
  'query',
  'commit',
  'rollback',
  'statuses',
  'load',
  'epoch row',
] as const;

export type NetworkStep = StoreStep | (typeof databaseSteps)[number];

/** What befalls one message. */
export interface Fault {
  readonly step: NetworkStep;
  /** Which of the messages of this step, counted from 1. */
  readonly nth: number;
  /**
   * `lost`: it never arrives. `unanswered`: the answer is lost. `late`: the sender gives up, and it arrives all
   * the same. `slow`: it arrives late and the sender waits. `slow answer`: the answer does. `killed`: the sender
   * dies before it is sent.
   */
  readonly kind: 'lost' | 'unanswered' | 'late' | 'slow' | 'slow answer' | 'killed';
  /** How often a late or slow message lets others go before it. */
  readonly turns: number;
}

/** One process that may die at any message. */
export class NetworkProcess {
  readonly name: string;
  readonly #mourners: (() => void)[] = [];
  #isAlive = true;
  #isCutFromDatabase = false;

  constructor(name: string) {
    this.name = name;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether its messages to the database, and nothing else of it, are lost. */
  get isCutFromDatabase(): boolean {
    return this.#isCutFromDatabase;
  }

  cutFromDatabase(isCut: boolean): void {
    this.#isCutFromDatabase = isCut;
  }

  onDeath(mourner: () => void): void {
    this.#mourners.push(mourner);
  }

  kill(): void {
    this.#isAlive = false;
    for (const mourner of this.#mourners) mourner();
  }

  /** The same promise, for someone who may be dead when it settles. */
  async whileAlive<Result>(promise: Promise<Result>): Promise<Result> {
    const settled = await Promise.allSettled([promise]);
    if (!this.#isAlive) return forEver();
    if (settled[0].status === 'rejected') throw settled[0].reason;
    return settled[0].value;
  }
}

/**
 * Every message between processes and stores, and every answer, in the hands of the scheduler: it decides what
 * arrives next.
 */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #faults: readonly Fault[];
  readonly #sent = new Map<NetworkStep, number>();
  #underWay = 0;

  constructor(scheduler: Scheduler, faults: readonly Fault[]) {
    this.#scheduler = scheduler;
    this.#faults = faults;
  }

  /** Messages that arrived at a store which has not answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  async call<Result>(
    process: NetworkProcess,
    step: NetworkStep,
    send: () => Promise<Result>,
  ): Promise<Result> {
    if (!process.isAlive) return forEver();
    const name = `${process.name} ${step}`;
    const { kind, turns } = this.#faultOf(process, step);
    if (kind === 'killed') {
      process.kill();
      return forEver();
    }
    return process.whileAlive(this.#send({ name, kind, turns, send }));
  }

  /** One turn that the scheduler gives when it likes. */
  async turn(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
  }

  async #send<Result>({ name, kind, turns, send }: Message<Result>): Promise<Result> {
    if (kind === 'lost') {
      await this.turn(`${name} is lost`);
      throw new Error(`${name} was lost`);
    }
    const arrived = this.#arrive(name, kind === 'slow answer' ? 0 : turns, send);
    if (kind === 'late') {
      arrived.catch(() => undefined);
      await this.turn(`${name} is given up`);
      throw new Error(`${name} was not answered in time`);
    }
    const [outcome] = await Promise.allSettled([arrived]);
    if (kind === 'slow answer') await this.#delay(`${name} is about to be answered`, turns);
    await this.turn(`${name} ${kind === 'unanswered' ? 'answer is lost' : 'is answered'}`);
    if (kind === 'unanswered') throw new Error(`the answer to ${name} was lost`);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  async #arrive<Result>(name: string, turns: number, send: () => Promise<Result>): Promise<Result> {
    await this.#delay(`${name} is on its way`, turns);
    await this.turn(`${name} arrives`);
    this.#underWay += 1;
    try {
      return await send();
    } finally {
      this.#underWay -= 1;
    }
  }

  async #delay(label: string, turns: number): Promise<void> {
    for (let passed = 0; passed < turns; passed += 1) await this.turn(label);
  }

  #faultOf(
    process: NetworkProcess,
    step: NetworkStep,
  ): { kind: Fault['kind'] | 'none'; turns: number } {
    const isToDatabase = databaseSteps.some((one) => one === step);
    if (process.isCutFromDatabase && isToDatabase) return { kind: 'lost', turns: 0 };
    const nth = (this.#sent.get(step) ?? 0) + 1;
    this.#sent.set(step, nth);
    const fault = this.#faults.find((one) => one.step === step && one.nth === nth);
    if (fault === undefined) return { kind: 'none', turns: 0 };
    return { kind: fault.kind, turns: isDelayed(fault) ? fault.turns : 0 };
  }
}

interface Message<Result> {
  readonly name: string;
  readonly kind: Fault['kind'] | 'none';
  readonly turns: number;
  readonly send: () => Promise<Result>;
}

/** What the dead wait for. */
async function forEver(): Promise<never> {
  return new Promise<never>(() => undefined);
}

function isDelayed({ kind }: Fault): boolean {
  return kind === 'late' || kind === 'slow' || kind === 'slow answer';
}
