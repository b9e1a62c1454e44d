import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { protocols } from './model/protocols.ts';
import { controlsOfEpochs } from './testing/broken/controls-of-epochs.ts';
import { controlsWithinAnEpoch } from './testing/broken/controls-within-an-epoch.ts';

const document = readFileSync(new URL('../../../docs/consistency.md', import.meta.url), 'utf8');

it('docs/consistency.md says of every negative control what goes wrong and after how long, and of no other', () => {
  const [section = ''] = document.split('### Negative controls').slice(1);
  const rows = section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const controls = [...controlsWithinAnEpoch, ...controlsOfEpochs].map(({ name }) => name);
  expect(rows?.map(([, name]) => name?.replaceAll('`', '')).toSorted()).toEqual(
    controls.toSorted(),
  );
  for (const [, , wrong, plays, ms] of rows ?? []) {
    expect(wrong).not.toBe('');
    expect(plays).toMatch(/^[\d,]+ \/ [\d,]+$/);
    expect(ms).toMatch(/^[\d,]+ \/ [\d,]+$/);
  }
});

it('docs/consistency.md says how many broken protocols the model explores', () => {
  const broken = protocols.filter(({ expected }) => expected === 'violated').length;
  expect(document).toContain(`and ${broken} broken ones, exhaustively`);
});
