import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import type { Scheduler } from 'fast-check';
import { CommitOutcomeUnknownError } from '../../errors.ts';
import type { ReadResult } from '../../reader.ts';
import type { WriteResult } from '../../writer.ts';
import { checkHistory, type Operation, type Violation } from '../history.ts';
import { type RegisterRow, versionOf } from '../register-session.ts';
import type { Network, NetworkProcess } from './network.ts';

/** One thing that a client does; all of them at one register. */
export type Act = 'read' | 'sweep' | 'warm' | WriteAct;

/**
 * `failing`: the plan refuses after its SQL. `careless`: a statement fails and the plan goes on to COMMIT. `hasty`: its
 * SQL travels with COMMIT.
 */
export type WriteAct =
  'write' | 'failing write' | 'careless write' | 'hasty write' | 'hasty careless write';

/** What one client does, one after the other, through one engine. */
export interface Part {
  readonly engine: number;
  readonly acts: readonly Act[];
}

/** What may befall the stores, and the ways of processes to them. */
export type Happening =
  | 'the entry is evicted'
  | 'Redis is flushed'
  | 'Redis restarts empty'
  | 'Redis restarts with its data'
  | 'the replica catches up'
  | 'the replica takes over'
  | 'A finds the replica'
  | 'B finds the replica'
  | 'A loses Redis'
  | 'A finds Redis again'
  | 'A loses PostgreSQL'
  | 'A finds PostgreSQL again';

export interface PlayEvent {
  readonly what: Happening;
  /** How often others go before it. */
  readonly turns: number;
}

/** The engine of one process, as its clients see it. */
export interface Engine {
  readonly process: NetworkProcess;
  /** Settles when the engine is ready for its clients, if these are to wait for it. */
  readonly started?: Promise<void>;
  read(): Promise<ReadResult<string>>;
  /** Returns once the write is acknowledged. */
  write(by: string, act: WriteAct): Promise<WriteResult<RegisterRow>>;
  sweep(): Promise<void>;
  /** Loads the record as a warm-up does. */
  warm(): Promise<void>;
}

/** Where a play takes place: the engines, their stores, and what may happen to these. */
export interface PlayStage {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly clock: PlayClock;
  readonly engines: readonly Engine[];
  /** When each text was committed, or 0 if that is not known. */
  committed(): Promise<ReadonlyMap<string, number>>;
  readonly happenings: Partial<Record<Happening, () => void>>;
  /** Returns when real stores have answered what they can; stores in memory need no such wait. */
  settle?(): Promise<void>;
  /** Turns for the parts, and then for what is still on its way, where background work never rests. */
  readonly turnsMax?: number;
  readonly restTurnsMax?: number;
}

/** Counts moments, so that of any two it is known which came first. */
export class PlayClock {
  #moment = 0;

  next(): number {
    this.#moment += 1;
    return this.#moment;
  }
}

export type Finding =
  | Violation
  | { readonly type: 'uncommitted' | 'committed though refused' | 'stuck'; readonly text: string };

interface Going {
  readonly engine: Engine;
  isOver: boolean;
}

/** Reads of each engine that tell what a play left behind: the first may only settle the entry. */
const lastReads = 2;

/** Plays all parts at once, in the order that the scheduler gives, and says what was wrong with it. */
export class Play {
  readonly #stage: PlayStage;
  readonly #history: Operation[] = [];
  readonly #reads: { readonly text: string; readonly endedMs: number }[] = [];
  readonly #refused: string[] = [];
  /** How reads and writes came out, and how many failed. */
  readonly outcomes = new Map<string, number>();

  constructor(stage: PlayStage) {
    this.#stage = stage;
  }

  async run(parts: readonly Part[], events: readonly PlayEvent[] = []): Promise<Finding[]> {
    const { engines, network } = this.#stage;
    await this.#goOn(engines.map((engine) => this.#start(engine, async () => engine.started)));
    for (const event of events) void this.#happen(event);
    const going = parts.map(({ engine: index, acts }, place) => {
      const engine = engines[index % engines.length] ?? raise('A play needs an engine.');
      return this.#start(engine, async () => {
        for (const [number, act] of acts.entries()) {
          await network.turn(`client ${place} begins to ${act}`);
          await this.#act(engine, act, `${place}.${number}`);
        }
      });
    });
    if (!(await this.#goOn(going))) return [{ type: 'stuck', text: 'A client waits for ever.' }];
    await this.#rest();
    await this.#lookBack();
    return this.#findings();
  }

  async #happen({ what, turns }: PlayEvent): Promise<void> {
    const { network, happenings } = this.#stage;
    for (let passed = 0; passed < turns; passed += 1) await network.turn('time to come');
    await network.turn(what);
    (happenings[what] ?? raise(`Here it cannot happen that ${what}.`))();
  }

  #start(engine: Engine, work: () => Promise<void>): Going {
    const going = { engine, isOver: false };
    void (async () => {
      await work();
      going.isOver = true;
    })();
    return going;
  }

  /** Whether all got to their end, or died. */
  async #goOn(going: readonly Going[]): Promise<boolean> {
    const { scheduler, turnsMax = Number.POSITIVE_INFINITY } = this.#stage;
    for (let turns = 0; turns < turnsMax; turns += 1) {
      await this.#settle();
      if (going.every(({ engine, isOver }) => isOver || !engine.process.isAlive)) return true;
      if (scheduler.count() === 0) return false;
      await scheduler.waitNext(1);
    }
    return true;
  }

  /** Lets everything arrive that is on its way. */
  async #rest(): Promise<void> {
    const { scheduler, restTurnsMax = Number.POSITIVE_INFINITY } = this.#stage;
    for (let turns = 0; turns < restTurnsMax && scheduler.count() > 0; turns += 1) {
      await scheduler.waitNext(1);
      await this.#settle();
    }
  }

  /** The engine collects its loads in one turn of the event loop and sends them in the next. */
  async #settle(): Promise<void> {
    await turnOfTheEventLoop();
    await this.#stage.settle?.();
    await turnOfTheEventLoop();
  }

  async #lookBack(): Promise<void> {
    const engines = Array.from({ length: lastReads }, () => this.#stage.engines).flat();
    for (const engine of engines.filter(({ process }) => process.isAlive)) {
      await this.#goOn([this.#start(engine, async () => this.#read(engine))]);
      await this.#rest();
    }
  }

  async #act(engine: Engine, act: Act, by: string): Promise<void> {
    if (act === 'read') return this.#read(engine);
    if (act === 'sweep') return engine.sweep().catch(() => undefined);
    if (act === 'warm') return engine.warm().catch(() => undefined);
    return this.#write(engine, by, act);
  }

  /** A read that fails told its client nothing. */
  async #read(engine: Engine): Promise<void> {
    const { clock } = this.#stage;
    const beganMs = clock.next();
    const result = await engine.read().catch(() => 'failed' as const);
    this.#count(result === 'failed' ? 'read failed' : `read ${result.outcome}`);
    if (result === 'failed') return;
    const { value: text } = result;
    const endedMs = clock.next();
    this.#history.push({ kind: 'read', key: '1', version: versionOf(text), beganMs, endedMs });
    this.#reads.push({ text: text ?? 'nothing', endedMs });
  }

  async #write(engine: Engine, by: string, act: WriteAct): Promise<void> {
    const { clock } = this.#stage;
    const beganMs = clock.next();
    try {
      const { value, outcome } = await engine.write(by, act);
      const { version } = value;
      this.#history.push({ kind: 'write', key: '1', version, beganMs, endedMs: clock.next() });
      this.#count(`write ${outcome}`);
    } catch (err) {
      this.#count('write failed');
      if (!(err instanceof CommitOutcomeUnknownError)) this.#refused.push(by);
    }
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  async #findings(): Promise<Finding[]> {
    const committed = await this.#stage.committed();
    const uncommitted = this.#reads.filter(({ text, endedMs }) => {
      const at = committed.get(text);
      return versionOf(text) !== 1 && (at === undefined || at > endedMs);
    });
    const signed = new Set([...committed.keys()].map((text) => text.split(' by ')[1]));
    const broken = this.#refused.filter((by) => signed.has(by));
    return [
      ...checkHistory(this.#history),
      ...uncommitted.map(({ text }) => ({ type: 'uncommitted', text }) as const),
      ...broken.map((text) => ({ type: 'committed though refused', text }) as const),
    ];
  }
}

function raise(message: string): never {
  throw new Error(message);
}
