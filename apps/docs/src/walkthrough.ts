import type { Code } from 'mdast';
import { codeBlocksOf, fenceSettings, parseMarkdown } from './markdown.ts';

/** What the reader of a page does, in order. */
export type Step = CommandStep | FileStep | KeysStep;

interface Placed {
  /** Of the page, for messages. */
  readonly line: number;
}

interface Told extends Placed {
  /** What the page shows as printed; nothing where it shows none. */
  readonly shown: string;
}

/** Types the commands in a terminal. */
export interface CommandStep extends Told {
  readonly type: 'command';
  readonly terminal: string;
  readonly commands: string;
  /** Whether the last of them goes on while the reader does. */
  readonly running: boolean;
}

/** Saves a file, named from the root of the clone. */
export interface FileStep extends Placed {
  readonly type: 'file';
  readonly file: string;
  readonly text: string;
}

/** Presses Ctrl-C in a terminal. */
export interface KeysStep extends Told {
  readonly type: 'keys';
  readonly terminal: string;
}

/**
 * Reads a page whose every fenced block is something that its reader does or sees: `sh terminal=1` is typed there (with
 * `running`, it does not end), `keys terminal=1` is pressed there, `ts file=NAME` is saved, and `text` is what the block before it
 * prints. Throws for any other block, as nobody would run it.
 */
export function readWalkthrough(page: string): Step[] {
  const steps: Step[] = [];
  for (const block of codeBlocksOf(parseMarkdown(page))) {
    if (block.lang === 'text') showAfter(steps, block);
    else steps.push(stepOf(block));
  }
  return steps;
}

function stepOf(block: Code): Step {
  const settings = fenceSettings(block);
  const [terminal, file] = [settings.get('terminal'), settings.get('file')];
  const line = block.position?.start.line ?? 0;
  const told = { line, shown: '' };
  if (block.lang === 'sh' && terminal !== undefined) {
    const running = settings.has('running');
    return { type: 'command', terminal, commands: block.value, running, ...told };
  }
  if (block.lang === 'keys' && terminal !== undefined && block.value === 'Ctrl-C') {
    return { type: 'keys', terminal, ...told };
  }
  if (file !== undefined) return { type: 'file', file, text: `${block.value}\n`, line };
  throw new Error(`Line ${line}: nobody would run this block.`);
}

function showAfter(steps: Step[], { value, position }: Code): void {
  const step = steps.pop();
  if (step === undefined || step.type === 'file' || step.shown !== '') {
    throw new Error(`Line ${position?.start.line ?? 0}: no command stands before this output.`);
  }
  steps.push({ ...step, shown: value });
}
