import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asShown, masked } from './shown-output.ts';
import type { StrangersMachine } from './strangers-machine.ts';
import { Terminal } from './terminal.ts';
import type { CommandStep, FileStep, KeysStep, Step } from './walkthrough.ts';

/** What came of a step, beside what the page shows; equal if the page is right. */
export interface Sight {
  readonly seen: string;
  readonly shown: string;
  /** Which of the commands failed, or that they did not end. */
  readonly failed: string;
}

/** Does what a page says, with terminals that are opened beside the clone. */
export class Reader implements AsyncDisposable {
  readonly #machine: StrangersMachine;
  readonly #blockMsMax: number;
  readonly #terminals = new Map<string, Terminal>();

  constructor(machine: StrangersMachine, blockMsMax: number) {
    this.#machine = machine;
    this.#blockMsMax = blockMsMax;
  }

  async follow(step: Step): Promise<Sight> {
    if (step.type === 'file') return this.#save(step);
    const terminal = this.#terminal(step.terminal);
    if (step.type === 'keys') {
      terminal.interrupt();
      return sightOfEnd(terminal, step);
    }
    terminal.type(step.commands);
    return step.running ? sightOfRunning(terminal, step) : sightOfEnd(terminal, step);
  }

  async #save({ file, text }: FileStep): Promise<Sight> {
    await writeFile(path.join(this.#machine.directory, 'throughline', file), text);
    return { seen: '', shown: '', failed: '' };
  }

  #terminal(name: string): Terminal {
    const found = this.#terminals.get(name);
    if (found !== undefined) return found;
    const terminal = new Terminal(this.#machine, this.#blockMsMax);
    this.#terminals.set(name, terminal);
    return terminal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals.values()) await terminal[Symbol.asyncDispose]();
  }
}

async function sightOfEnd(terminal: Terminal, step: CommandStep | KeysStep): Promise<Sight> {
  const { printed, end } = await terminal.takeBlock();
  return sight(printed, step, end.ended ? end.failed : 'It did not end.');
}

/** As soon as all is there that the page shows. */
async function sightOfRunning(terminal: Terminal, step: CommandStep): Promise<Sight> {
  const isAll = (printed: string) => asShown(printed, step.shown) === masked(step.shown);
  return sight(await terminal.takeOutput(isAll), step, '');
}

function sight(printed: string, { shown }: CommandStep | KeysStep, failed: string): Sight {
  return { seen: asShown(printed, shown), shown: masked(shown), failed };
}
