import type { MetricSnapshot } from '@throughline/telemetry';
import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Taker } from './dealer.ts';
import { limits } from './limits.ts';
import {
  type Answers,
  answerSchemas,
  type Question,
  type SupervisorMessage,
  workerMessageSchema,
} from './worker-messages.ts';
import type { WorkerState } from './worker-sources.ts';

/** How a worker process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not even be started. */
  readonly err?: Error;
}

/** One worker process, as its supervisor sees it: starting, ready, and draining once it was told to leave. */
export class Worker implements Taker {
  /** Of its place: its successor has the same. */
  readonly number: number;
  readonly #process: ChildProcess;
  readonly #questions = new Map<number, (answer: unknown) => void>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<WorkerEnd>();
  #asked = 0;
  #state: WorkerState = 'starting';
  #readyAtMs: number | undefined;
  #snapshot: MetricSnapshot = [];
  #isSilent = false;
  /** Somebody else has told it to stop. */
  #isLeaving = false;
  /** Gives up the connection that is on its way to it. */
  #lose = () => {};
  #stopped: Promise<void> | undefined;

  constructor(number: number) {
    this.number = number;
    const [, file = ''] = process.argv;
    // Advanced, for numbers that JSON does not have.
    this.#process = fork(file, ['--worker', String(number)], { serialization: 'advanced' });
    this.#process.on('message', (message: unknown) => this.#receive(message));
    this.#listenForEnd();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get isTaking(): boolean {
    return this.#state === 'ready' && !this.#isLeaving;
  }

  /** How long it has been ready; 0 if it never was. */
  get readyForMs(): number {
    return this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs;
  }

  /** Resolves when it serves requests. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when the process is gone and all that it had to say was heard. */
  get ended(): Promise<WorkerEnd> {
    return this.#ended.promise;
  }

  /** What it told last: without its gauges, which are of a moment, if it did not answer when it was last asked. */
  get snapshot(): MetricSnapshot {
    return this.#isSilent ? this.#snapshot.filter(({ type }) => type !== 'gauge') : this.#snapshot;
  }

  async take(connection: Socket): Promise<'gone' | 'kept'> {
    const { promise, resolve } = Promise.withResolvers<'gone' | 'kept'>();
    this.#lose = () => resolve('gone');
    const message: SupervisorMessage = { kind: 'connection' };
    this.#process.send(message, connection, { keepOpen: true }, (err) => {
      if (err !== null) resolve('kept');
    });
    // Node holds back what follows a connection until that has come.
    this.#send({ kind: 'delivered' }, () => resolve('gone'));
    return promise;
  }

  /** Asks what it has counted until now. */
  async count(): Promise<void> {
    const snapshot = await this.ask('metrics', limits.workerAnswerMs);
    this.#isSilent = snapshot === undefined;
    if (snapshot !== undefined) this.#snapshot = snapshot;
  }

  /** Undefined if there is no answer in time. */
  async ask<Asked extends Question>(
    question: Asked,
    patienceMs: number,
  ): Promise<Answers[Asked] | undefined> {
    this.#asked += 1;
    const number = this.#asked;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#questions.set(number, resolve);
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    if (this.#process.connected) this.#send({ kind: 'question', number, question });
    else resolve(undefined);
    const answer = await promise;
    clearTimeout(timer);
    this.#questions.delete(number);
    return answerSchemas[question].safeParse(answer).data;
  }

  /** Has its clients leave, then the process stop. Resolves when it is gone. */
  async retire(): Promise<void> {
    const isServing = this.#state === 'ready';
    this.#state = 'draining';
    if (isServing) await this.ask('retire', limits.retireMs + limits.workerAnswerMs);
    await this.stop();
  }

  /** Lets requests in flight finish, and ends what goes on for too long. Resolves when the process is gone. */
  async stop(): Promise<void> {
    // A second signal would mean impatience.
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Ends it at once, without a word. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async #stop(): Promise<void> {
    this.#state = 'draining';
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), limits.workerStopMs);
    await this.ended;
    clearTimeout(timer);
  }

  #send(message: SupervisorMessage, onSent = () => {}): void {
    // It may be gone by now; then nobody answers.
    this.#process.send(message, onSent);
  }

  #receive(message: unknown): void {
    const parsed = workerMessageSchema.safeParse(message);
    if (!parsed.success) return;
    const { data } = parsed;
    switch (data.kind) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'ready';
        this.#readyAtMs = performance.now();
        this.#ready.resolve();
        break;
      case 'leaving':
        this.#isLeaving = true;
        break;
      case 'last':
        this.#snapshot = data.snapshot;
        break;
      case 'answer':
        this.#questions.get(data.number)?.(data.answer);
        break;
    }
  }

  /** The channel may hold messages when the process is gone already, so both have to end. */
  #listenForEnd(): void {
    const exited = Promise.withResolvers<WorkerEnd>();
    const silent = Promise.withResolvers<void>();
    this.#process.on('exit', (code: number | null, signal: string | null) => {
      exited.resolve({ code, signal });
      // Node tells no end of a channel that was closed in the middle of a message.
      if (!this.#process.connected) silent.resolve();
      setTimeout(() => silent.resolve(), limits.lastWordsMs).unref();
    });
    this.#process.on('disconnect', () => silent.resolve());
    this.#process.on('error', (err) => {
      // Of a process that runs, it is that a message did not reach it.
      if (this.pid !== undefined) return;
      exited.resolve({ code: null, signal: null, err });
      silent.resolve();
    });
    void this.#end(exited.promise, silent.promise);
  }

  async #end(exited: Promise<WorkerEnd>, silent: Promise<void>): Promise<void> {
    const [end] = await Promise.all([exited, silent]);
    for (const resolve of this.#questions.values()) resolve(undefined);
    this.#lose();
    this.#ended.resolve(end);
  }
}
