import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from './repository.ts';
import { asShown, masked } from './shown-output.ts';
import { StrangersMachine } from './strangers-machine.ts';
import { Terminal } from './terminal.ts';
import { readWalkthrough, type CommandStep, type FileStep, type KeysStep } from './walkthrough.ts';

/** `npm ci` takes half a minute on two quiet cores, and several times as long on busy ones. */
const blockMsMax = 240_000;

test(
  'a stranger who does what docs/getting-started.md says, word for word, sees what it shows',
  { timeout: 2 * blockMsMax },
  async () => {
    await using machine = await StrangersMachine.open();
    await using reader = new Reader(machine);
    for (const step of readWalkthrough(await textOf('docs/getting-started.md'))) {
      if (step.type === 'file') await reader.save(step);
      else if (step.type === 'keys') await reader.press(step);
      else await reader.type(step);
    }
  },
);

/** Does what a page says, and fails where it shows something else than what happens. */
class Reader implements AsyncDisposable {
  readonly #machine: StrangersMachine;
  readonly #terminals = new Map<string, Terminal>();

  constructor(machine: StrangersMachine) {
    this.#machine = machine;
  }

  async save({ file, text }: FileStep): Promise<void> {
    await writeFile(path.join(this.#machine.directory, 'throughline', file), text);
  }

  async type(step: CommandStep): Promise<void> {
    const terminal = this.#terminal(step.terminal);
    terminal.type(step.commands);
    if (!step.running) return this.#expectEnd(terminal, step);
    const isAll = (so: string) => asShown(so, step.shown) === masked(step.shown);
    expectShown(await terminal.takeOutput(isAll), step);
  }

  async press(step: KeysStep): Promise<void> {
    const terminal = this.#terminal(step.terminal);
    terminal.interrupt();
    return this.#expectEnd(terminal, step);
  }

  async #expectEnd(terminal: Terminal, step: CommandStep | KeysStep): Promise<void> {
    const { printed, end } = await terminal.takeBlock();
    expectShown(printed, step);
    expect(end, `line ${step.line} of the page`).toEqual({ ended: true, failed: '' });
  }

  /** Opened beside the clone, like the first one. */
  #terminal(name: string): Terminal {
    const found = this.#terminals.get(name);
    if (found !== undefined) return found;
    const terminal = new Terminal(this.#machine, blockMsMax);
    this.#terminals.set(name, terminal);
    return terminal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals.values()) await terminal[Symbol.asyncDispose]();
  }
}

function expectShown(printed: string, { line, shown }: CommandStep | KeysStep): void {
  expect(asShown(printed, shown), `line ${line} of the page`).toBe(masked(shown));
}
