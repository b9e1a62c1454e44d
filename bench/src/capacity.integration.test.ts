import { spawnNode } from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, it } from 'vitest';

it('prints what an entry, a product and each kind of call take', async () => {
  const file = path.join(import.meta.dirname, 'capacity.ts');
  await using run = spawnNode(file, { args: ['--products', '400', '--seconds', '1'] });
  const { code } = await run.exit;
  expect(run.stderr.join('\n')).toBe('');
  expect(code).toBe(0);
  const printed = run.stdout.join('\n');
  expect(printed).toMatch(/entries in Redis +│ 400 /);
  expect(printed).toMatch(/bytes for an entry +│ [1-9]\d{2,3} /);
  for (const kind of ['byId, hit', 'byIds, 20 hits', 'byCategory, 50 hits', 'updatePrice']) {
    expect(printed).toMatch(new RegExp(`product\\.${kind} +│ [1-9]\\d* +│ [^│]+│ [^│]+│ [1-9]`));
  }
}, 60_000);
