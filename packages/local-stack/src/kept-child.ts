import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerCommand } from './keeper-protocol.ts';

/** A server busy with a long write gets this long to stop by itself. */
const STOP_MS_MAX = 10_000;

/** A server that is about to listen is asked this often whether it answers yet. */
const LOOK_EVERY_MS = 20;

/** Enough of the end of a server's log to see why it did not start. */
const LOG_LINES_KEPT = 30;

type Start =
  | { readonly outcome: 'ready'; readonly pid: number }
  | { readonly outcome: 'failed'; readonly log: string };

/** A server that is a child of this process: what the keeper keeps. */
export class KeptChild {
  readonly #child: ChildProcess;
  readonly #started = Promise.withResolvers<Start>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #pidFile: string;
  #hasEnded = false;

  constructor(command: ServerCommand, directory: string) {
    this.#pidFile = path.join(directory, 'server.pid');
    this.#child = spawn(command.file, command.arguments, {
      cwd: command.workingDirectory,
      env: command.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...command.account,
    });
    const { pid } = this.#child;
    if (pid !== undefined) writeFileSync(this.#pidFile, `${String(pid)}\n`);
    this.#watch(path.join(directory, 'server.log'), command);
  }

  /** Resolves when the server takes connections, or with the end of its log when it ended instead. */
  get started(): Promise<Start> {
    return this.#started.promise;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Stops the server, by force if it does not in time; resolves when it has ended. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    this.signal('SIGCONT'); // a paused process takes no other signal
    const force = setTimeout(() => {
      this.signal('SIGKILL');
    }, STOP_MS_MAX);
    await this.#ended.promise;
    clearTimeout(force);
  }

  #watch(logFile: string, { readyText, readyUrl }: ServerCommand): void {
    const log = createWriteStream(logFile, { flags: 'a' });
    log.on('error', () => {}); // the log is for people; a full disk must not end the keeper
    const lastLines: string[] = [];
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (!stream) continue; // the types allow for other settings of `stdio`
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        if (lastLines.push(line) > LOG_LINES_KEPT) lastLines.shift();
        if (line.includes(readyText)) void this.#announce(readyUrl);
      });
    }
    this.#child.once('error', (error) => {
      this.#end(String(error));
    });
    this.#child.once('exit', () => {
      rmSync(this.#pidFile, { force: true });
    });
    this.#child.once('close', () => {
      log.end();
      this.#end(lastLines.join('\n'));
    });
  }

  async #announce(readyUrl: string | undefined): Promise<void> {
    if (readyUrl !== undefined) await this.#waitForAnswer(readyUrl);
    const { pid } = this.#child;
    if (pid !== undefined) this.#started.resolve({ outcome: 'ready', pid });
  }

  async #waitForAnswer(url: string): Promise<void> {
    while (!this.#hasEnded) {
      if (await answers(url)) return;
      await delay(LOOK_EVERY_MS);
    }
  }

  #end(log: string): void {
    this.#hasEnded = true;
    this.#started.resolve({ outcome: 'failed', log });
    this.#ended.resolve();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
