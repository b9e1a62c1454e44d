import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';

export interface TerminalOptions {
  /** Where the reader opens it. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * What a reader types is read from descriptor 3, so that programs find nothing on their standard input. The zero bytes tell where the
 * output of a block ends, and which of its commands failed. A signal is for what runs in the terminal, not for its shell.
 */
const shell = `
  exec 2>&1
  trap ':' INT
  trap 'failed="\${failed}\${BASH_COMMAND} ended with $?; "' ERR
  while IFS= read -r -d '' -u 3 block; do
    failed=''
    eval "$block"
    printf '\\0%s\\0' "$failed"
  done`;

/** The commands of a block have ended, or their time is over. */
export type BlockEnd =
  { readonly ended: true; readonly failed: string } | { readonly ended: false };

/** A shell that keeps its directory and variables from one block to the next, in a process group as a terminal gives it. */
export class Terminal implements AsyncDisposable {
  readonly #shell: ChildProcess;
  readonly #input: Writable;
  readonly #closed: Promise<unknown>;
  readonly #blockMsMax: number;
  /** Printed and not taken yet. */
  #output = '';
  #heard = Promise.withResolvers<void>();
  #isClosed = false;

  constructor({ directory, environment }: TerminalOptions, blockMsMax: number) {
    this.#blockMsMax = blockMsMax;
    this.#shell = spawn('bash', ['-c', shell], {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      detached: true,
    });
    const { stdout: output, stdio } = this.#shell;
    const input = stdio[3];
    if (output === null || !(input instanceof Writable)) throw new Error('There are no pipes.');
    this.#input = input;
    output.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#closed = once(this.#shell, 'close');
    this.#shell.once('close', () => {
      this.#isClosed = true;
      this.#hear('');
    });
  }

  type(block: string): void {
    this.#input.write(`${block}\0`);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#signal('SIGINT');
  }

  /** What was printed since the last time this was asked, when the block has ended. */
  async takeBlock(): Promise<{ printed: string; end: BlockEnd }> {
    const pattern = /^([^\0]*)\0([^\0]*)\0/;
    await this.#waitFor(() => pattern.test(this.#output));
    const [all, printed, failed] = pattern.exec(this.#output) ?? [];
    if (all === undefined) return { printed: this.#take(), end: { ended: false } };
    this.#output = this.#output.slice(all.length);
    return { printed: printed ?? '', end: { ended: true, failed: failed ?? '' } };
  }

  /** The same, as soon as that is all that was waited for. The block may go on. */
  async takeOutput(isAll: (printed: string) => boolean): Promise<string> {
    await this.#waitFor(() => isAll(this.#output) || this.#output.includes('\0'));
    return this.#take();
  }

  /** Ends what runs in it, gently at first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.end();
    this.interrupt();
    const late = setTimeout(() => this.#signal('SIGKILL'), this.#blockMsMax);
    await this.#closed;
    clearTimeout(late);
  }

  #take(): string {
    const printed = this.#output;
    this.#output = '';
    return printed;
  }

  async #waitFor(isThere: () => boolean): Promise<void> {
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), this.#blockMsMax);
    while (!isThere() && !this.#isClosed) {
      if ((await Promise.race([this.#heard.promise, late.promise])) === 'late') break;
    }
    clearTimeout(timer);
  }

  #hear(text: string): void {
    this.#output += text;
    const heard = this.#heard;
    this.#heard = Promise.withResolvers();
    heard.resolve();
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#shell;
    if (pid === undefined || this.#isClosed) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // All of the group have ended, and that is about to be heard.
    }
  }
}
