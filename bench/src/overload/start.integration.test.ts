import { spawnNode } from '@throughline/local-stack/testing';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const file = path.join(import.meta.dirname, 'start.ts');
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'overload-'));
});
afterAll(async () => rm(directory, { recursive: true }));

const positive = z.number().positive();
const resultsSchema = z.object({
  curves: z.array(
    z.object({
      load: z.object({ key: z.string() }),
      steps: z.array(
        z.object({
          factor: positive,
          capacityPerSecond: positive,
          sent: positive,
          served: positive,
          refused: z.record(z.string(), positive),
          servedMs: z.object({ p50: positive, p99: positive }),
        }),
      ),
    }),
  ),
});

it('at five times its capacity the service answers what it lets in within seconds, and refuses the rest by name', async () => {
  const args = ['--quick', '--only', 'pages', '--out', directory];
  await using run = spawnNode(file, { args });
  const { code } = await run.exit;
  expect(code, run.stderr.join('\n')).toBe(0);
  expect(run.stdout.join('\n')).toMatch(/\| 5 × \| \d/);

  const [written = ''] = await readdir(path.join(directory, 'bench/results'));
  const text = await readFile(path.join(directory, 'bench/results', written), 'utf8');
  const [curve, ...others] = resultsSchema.parse(JSON.parse(text)).curves;
  expect([curve?.load.key, others]).toEqual(['pages', []]);
  const last = curve?.steps.at(-1);
  expect(last?.factor).toBe(5);
  // Times of a machine that has other tests to run as well.
  expect(last?.servedMs.p99).toBeLessThan(5_000);
  const codes = curve?.steps.flatMap(({ refused }) => Object.keys(refused)) ?? [];
  expect(codes).toContain('OVERLOADED');
  const named = ['OVERLOADED', 'DATABASE_OVERLOADED', 'TOO_MANY_PRODUCTS'];
  expect(named).toEqual(expect.arrayContaining(codes));
  const page = await readFile(path.join(directory, 'docs/overload.md'), 'utf8');
  expect(page).toMatch(/\| 5 × +\| +\d/);
}, 120_000);
