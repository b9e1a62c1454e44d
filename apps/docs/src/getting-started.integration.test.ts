import { expect, test } from 'vitest';
import { Reader } from './reader.ts';
import { textOf } from './repository.ts';
import { StrangersMachine } from './strangers-machine.ts';
import { readWalkthrough } from './walkthrough.ts';

/** `npm ci` takes half a minute on two quiet cores, and several times as long on busy ones. */
const blockMsMax = 240_000;

test(
  'a stranger who does what docs/getting-started.md says, word for word, sees what it shows',
  { timeout: 2 * blockMsMax },
  async () => {
    await using machine = await StrangersMachine.open();
    await using reader = new Reader(machine, blockMsMax);
    for (const step of readWalkthrough(await textOf('docs/getting-started.md'))) {
      const { seen, shown, failed } = await reader.follow(step);
      expect(seen, `line ${step.line} of the page`).toBe(shown);
      expect(failed, `line ${step.line} of the page`).toBe('');
    }
  },
);
