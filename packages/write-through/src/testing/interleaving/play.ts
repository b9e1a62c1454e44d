import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import type { Scheduler } from 'fast-check';
import { CommitOutcomeUnknownError } from '../../errors.ts';
import { checkHistory, type Operation, type Violation } from '../history.ts';
import { type RegisterRow, versionOf } from '../register-session.ts';
import type { Network, NetworkProcess } from './network.ts';

/** One thing that a client does; all of them at one register. */
export type Act = 'read' | 'sweep' | WriteAct;

/** `failing`: the plan refuses after its SQL. `careless`: a statement fails and the plan goes on to COMMIT. */
export type WriteAct = 'write' | 'failing write' | 'careless write';

/** What one client does, one after the other, through one engine. */
export interface Part {
  readonly engine: number;
  readonly acts: readonly Act[];
}

/** Something that befalls the stores, after so many turns. */
export interface PlayEvent {
  readonly label: string;
  readonly turns: number;
  run(): void;
}

/** The engine of one process, as its clients see it. */
export interface Engine {
  readonly process: NetworkProcess;
  read(): Promise<string | undefined>;
  /** The row written, once it is acknowledged. */
  write(by: string, act: WriteAct): Promise<RegisterRow>;
  sweep(): Promise<void>;
}

export interface Stage {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly clock: PlayClock;
  readonly engines: readonly Engine[];
  /** When each text was committed, or 0 if that is not known. */
  committed(): Promise<ReadonlyMap<string, number>>;
  /** Returns when real stores have answered what they can; stores in memory need no such wait. */
  settle?(): Promise<void>;
  /** Turns after which a play counts as over, for engines whose background work never rests. */
  readonly turnsMax?: number;
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

/** Reads that tell what a play left behind: the first may only settle the entry. */
const lastReads = 3;
const restTurns = 400;

/** Plays all parts at once, in the order that the scheduler gives, and says what was wrong with it. */
export class Play {
  readonly #stage: Stage;
  readonly #history: Operation[] = [];
  readonly #reads: { readonly text: string; readonly endedMs: number }[] = [];
  readonly #refused: string[] = [];
  #turns = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async run(parts: readonly Part[], events: readonly PlayEvent[] = []): Promise<Finding[]> {
    const { engines, network } = this.#stage;
    for (const { label, turns, run } of events) void this.#happen(label, turns, run);
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

  async #happen(label: string, turns: number, run: () => void): Promise<void> {
    for (let passed = 0; passed < turns; passed += 1)
      await this.#stage.network.turn('time to come');
    await this.#stage.network.turn(label);
    run();
  }

  #start(engine: Engine, work: () => Promise<void>): Going {
    const going = { engine, isOver: false };
    void work().then(() => {
      going.isOver = true;
    });
    return going;
  }

  /** Whether all got to their end, or died. */
  async #goOn(going: readonly Going[]): Promise<boolean> {
    const { scheduler, turnsMax = 5_000 } = this.#stage;
    for (;;) {
      await this.#settle();
      if (going.every(({ engine, isOver }) => isOver || !engine.process.isAlive)) return true;
      this.#turns += 1;
      if (scheduler.count() === 0) return false;
      if (this.#turns > turnsMax) return turnsMax !== 5_000;
      await scheduler.waitNext(1);
    }
  }

  /** Lets everything arrive that is on its way. */
  async #rest(): Promise<void> {
    const { scheduler } = this.#stage;
    for (let turns = 0; turns < restTurns && scheduler.count() > 0; turns += 1) {
      await scheduler.waitNext(1);
      await this.#settle();
    }
  }

  /** The engine collects its loads in one turn of the event loop and sends them in the next. */
  async #settle(): Promise<void> {
    await turnOfTheEventLoop();
    await turnOfTheEventLoop();
    await this.#stage.settle?.();
  }

  async #lookBack(): Promise<void> {
    const engine = this.#stage.engines.findLast(({ process }) => process.isAlive);
    for (let read = 0; engine !== undefined && read < lastReads; read += 1) {
      await this.#goOn([this.#start(engine, async () => this.#read(engine))]);
      await this.#rest();
    }
  }

  async #act(engine: Engine, act: Act, by: string): Promise<void> {
    if (act === 'read') return this.#read(engine);
    if (act === 'sweep') return engine.sweep().catch(() => undefined);
    return this.#write(engine, by, act);
  }

  /** A read that fails told its client nothing. */
  async #read(engine: Engine): Promise<void> {
    const { clock } = this.#stage;
    const beganMs = clock.next();
    const text = await engine.read().catch(() => 'failed' as const);
    if (text === 'failed') return;
    const endedMs = clock.next();
    this.#history.push({ kind: 'read', key: '1', version: versionOf(text), beganMs, endedMs });
    this.#reads.push({ text: text ?? 'nothing', endedMs });
  }

  async #write(engine: Engine, by: string, act: WriteAct): Promise<void> {
    const { clock } = this.#stage;
    const beganMs = clock.next();
    try {
      const { version } = await engine.write(by, act);
      this.#history.push({ kind: 'write', key: '1', version, beganMs, endedMs: clock.next() });
    } catch (err) {
      if (!(err instanceof CommitOutcomeUnknownError)) this.#refused.push(by);
    }
  }

  async #findings(): Promise<Finding[]> {
    const committed = await this.#stage.committed();
    const uncommitted = this.#reads.filter(({ text, endedMs }) => {
      const at = committed.get(text);
      return versionOf(text) !== 1 && (at === undefined || at > endedMs);
    });
    const signed = [...committed.keys()].map((text) => text.split(' by ')[1]);
    const broken = this.#refused.filter((by) => signed.includes(by));
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
