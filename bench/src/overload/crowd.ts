import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';
import { type RawAnswer, RawConnection } from './raw-connection.ts';

/** What became of the requests of one step. Times are counted from when a request was due. */
export interface CrowdResult {
  readonly seconds: number;
  /** How many were due. */
  readonly due: number;
  /** Of these, sent while the step lasted: fewer, and the load was not what it was meant to be. */
  readonly sent: number;
  /** Answered with 200 while the step lasted. */
  readonly served: number;
  /** Others by their service code, or by their status where they have none. */
  readonly refused: Readonly<Record<string, number>>;
  readonly servedMs: Percentiles;
  readonly refusedMs: Percentiles;
  /** How late the event loop of the crowd itself was. */
  readonly ownDelayP99Ms: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Asked {
  readonly request: string;
  readonly dueMs: number;
}

/** So much later than its end, a step waits for answers no more. */
const patienceMs = 15_000;

/** Many clients of one service, each with a connection of its own. */
export class Crowd implements Disposable {
  readonly #idle: RawConnection[];
  readonly #all: readonly RawConnection[];
  /** Due, and no connection was idle. */
  readonly #waiting: Asked[] = [];
  #step: Step | undefined;

  constructor(port: number, connections: number) {
    this.#all = Array.from({ length: connections }, () => new RawConnection(port));
    this.#idle = [...this.#all];
  }

  /**
   * Has every connection ask once, and resolves when all are answered: a process that is busy takes on new connections slowly,
   * and what is offered are requests.
   */
  async open(request: string): Promise<void> {
    const askOnce = async (connection: RawConnection): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      connection.ask(request, () => resolve());
      return promise;
    };
    await Promise.all(this.#all.map(askOnce));
  }

  /** Asks as often as is offered, whether or not answers come. Resolves when all that was asked is answered. */
  async offer(perSecond: number, seconds: number, request: () => string): Promise<CrowdResult> {
    const step = this.#begin(seconds);
    const all = Math.round(perSecond * seconds);
    const timer = setInterval(() => {
      const elapsed = (performance.now() - step.startMs) / 1000;
      const dueNow = Math.min(all, Math.floor(elapsed * perSecond));
      while (step.due < dueNow) {
        const dueMs = step.startMs + (step.due / perSecond) * 1000;
        step.due += 1;
        this.#ask({ request: request(), dueMs });
      }
      if (step.due === all) step.allAsked();
    }, 1);
    return this.#end(step, timer);
  }

  /** So many ask again as soon as they were answered: what the service can do. */
  async saturate(atOnce: number, seconds: number, request: () => string): Promise<CrowdResult> {
    const step = this.#begin(seconds);
    const askNext = (): void => {
      const nowMs = performance.now();
      if (nowMs >= step.endMs) return;
      step.due += 1;
      this.#ask({ request: request(), dueMs: nowMs });
    };
    step.onAnswer = askNext;
    for (let one = 0; one < atOnce; one += 1) askNext();
    const timer = setTimeout(() => step.allAsked(), seconds * 1000);
    return this.#end(step, timer);
  }

  [Symbol.dispose](): void {
    for (const connection of this.#all) connection[Symbol.dispose]();
  }

  #begin(seconds: number): Step {
    if (this.#step !== undefined) throw new Error('One step at a time.');
    this.#step = new Step(seconds);
    return this.#step;
  }

  async #end(step: Step, timer: NodeJS.Timeout): Promise<CrowdResult> {
    const late = setTimeout(() => step.giveUp(), step.seconds * 1000 + patienceMs);
    try {
      await step.ended;
    } finally {
      clearTimeout(late);
      clearInterval(timer);
      this.#step = undefined;
    }
    return step.result;
  }

  #ask(asked: Asked): void {
    const connection = this.#idle.pop();
    if (connection === undefined) this.#waiting.push(asked);
    else this.#send(connection, asked);
  }

  #send(connection: RawConnection, { request, dueMs }: Asked): void {
    const step = this.#step;
    step?.sentOne();
    connection.ask(request, (answer) => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(connection);
      else this.#send(connection, next);
      step?.answered(answer, dueMs);
    });
  }
}

class Step {
  readonly seconds: number;
  readonly startMs = performance.now();
  readonly endMs: number;
  due = 0;
  onAnswer: (() => void) | undefined;
  #answered = 0;
  #served = 0;
  #sentInTime = 0;
  #areAllAsked = false;
  readonly #refused = new Map<string, number>();
  readonly #servedMicros = createHistogram();
  readonly #refusedMicros = createHistogram();
  readonly #delay = monitorEventLoopDelay({ resolution: 1 });
  readonly #ended = Promise.withResolvers<void>();

  constructor(seconds: number) {
    this.seconds = seconds;
    this.endMs = this.startMs + seconds * 1000;
    this.#delay.enable();
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  sentOne(): void {
    if (performance.now() <= this.endMs) this.#sentInTime += 1;
  }

  answered(answer: RawAnswer | undefined, dueMs: number): void {
    const nowMs = performance.now();
    this.#answered += 1;
    if (answer?.status === 200) {
      if (nowMs <= this.endMs) this.#served += 1;
      record(this.#servedMicros, nowMs - dueMs);
    } else {
      const code = answer === undefined ? 'connection lost' : codeOf(answer);
      this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
      record(this.#refusedMicros, nowMs - dueMs);
    }
    this.onAnswer?.();
    this.#check();
  }

  allAsked(): void {
    this.#areAllAsked = true;
    this.#check();
  }

  giveUp(): void {
    this.#refused.set('no answer', this.due - this.#answered);
    this.#ended.resolve();
  }

  get result(): CrowdResult {
    this.#delay.disable();
    return {
      seconds: this.seconds,
      due: this.due,
      sent: this.#sentInTime,
      served: this.#served,
      refused: Object.fromEntries(this.#refused),
      servedMs: percentiles(this.#servedMicros),
      refusedMs: percentiles(this.#refusedMicros),
      ownDelayP99Ms: this.#delay.percentile(99) / 1e6,
    };
  }

  #check(): void {
    if (this.#areAllAsked && this.#answered === this.due) this.#ended.resolve();
  }
}

function codeOf({ status, text }: RawAnswer): string {
  return /"serviceCode":"(\w+)"/.exec(text)?.[1] ?? String(status);
}

function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * 1000)));
}

function percentiles(histogram: RecordableHistogram): Percentiles {
  if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
  return {
    p50: histogram.percentile(50) / 1000,
    p99: histogram.percentile(99) / 1000,
    max: histogram.max / 1000,
  };
}
