import { spawnNode } from '@throughline/local-stack/testing';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const file = path.join(import.meta.dirname, 'start.ts');
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
});
afterAll(async () => rm(directory, { recursive: true }));

const positive = z.number().positive();
const turn = z.object({
  cpuMicrosPerCall: positive,
  callsPerSecond: positive,
  p50Ms: positive,
  p99Ms: positive,
});
const resultsSchema = z.object({
  date: z.iso.datetime(),
  command: z.string(),
  tookSeconds: positive,
  machine: z.object({ cores: positive, node: z.string(), postgres: z.string(), redis: z.string() }),
  ratios: z.array(z.object({ id: z.string(), verdict: z.string(), target: z.number() })),
  measurements: z.object({
    cells: z.array(
      z.object({ workload: z.string(), variant: z.string(), turns: z.array(turn).min(1) }),
    ),
    failures: z.array(z.never()),
  }),
});

it('measures two variants in turns, writes the file, the page and the picture, and fails for what it could not measure', async () => {
  const asked = ['--quick', '--check', '--products', '200', '--only', 'reads'];
  const args = [...asked, '--variants', 'limit,stock', '--out', directory];
  await using run = spawnNode(file, { args });
  const { code } = await run.exit;
  expect(code, run.stderr.join('\n')).toBe(1);
  expect(run.stdout.at(-1)).toMatch(/^falls short: 1a \(not measured\), /);

  const [written = ''] = await readdir(path.join(directory, 'bench/results'));
  const text = await readFile(path.join(directory, 'bench/results', written), 'utf8');
  const { command, ratios, measurements } = resultsSchema.parse(JSON.parse(text));
  expect(command).toContain('--variants limit,stock');
  expect(ratios.map(({ id }) => id)).toEqual(['1a', '1b', '1c', '3a', '3b']);
  const cells = measurements.cells.map(({ workload, variant, turns }) => [
    workload,
    variant,
    turns.length,
  ]);
  expect(cells).toEqual([
    ['hot key', 'limit', 3],
    ['hot key', 'stock', 3],
    ['any key', 'limit', 1],
    ['any key', 'stock', 1],
  ]);
  const page = await readFile(path.join(directory, 'docs/performance.md'), 'utf8');
  expect(page).toMatch(/\| limit +\| +\d/);
  const picture = await readFile(path.join(directory, 'docs/performance/hot-key.svg'), 'utf8');
  expect(picture).toMatch(/^<svg [^>]*>\n<title>CPU µs/);
}, 60_000);
