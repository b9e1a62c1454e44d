import { findDemo } from '@throughline/demo';
import { type SpawnedNode, spawnNode } from '@throughline/local-stack/testing';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFailed, test } from 'vitest';
import { countsOf, scratchDirectory } from './testing/running-service.ts';

const program = path.resolve(import.meta.dirname, 'testing/start-in-directory.ts');
const records = 30_000;

function say({ stdout, stderr }: SpawnedNode): void {
  onTestFailed(() => console.log([...stdout, ...stderr].join('\n')));
}

test(
  'without --url a service is started for the import; Ctrl-C, however often, ends it too, and the same command goes on',
  { timeout: 240_000 },
  async () => {
    await using home = await scratchDirectory();
    const directory = path.join(home.path, 'data');
    const file = path.join(home.path, 'products.csv');
    const rows = Array.from({ length: records }, (_, index) => `OWN-${index},Lamp,1.00,Own\n`);
    await writeFile(file, `sku,name,price,category\n${rows.join('')}`);
    const args = [directory, file, '--create-categories'];

    // With a process group of its own, as a terminal starts it.
    await using stopped = spawnNode(program, { args, detached: true });
    say(stopped);
    await expect
      .poll(async () => readFile(`${file}.progress`, 'utf8').catch(() => ''), {
        timeout: 120_000,
      })
      .toMatch(/"created":[1-9]/);
    const running = await findDemo(directory);
    expect(running).toBeDefined();
    process.kill(-stopped.pid, 'SIGINT');
    await stopped.waitForLine(/^Stopping after what is under way/);
    stopped.kill('SIGINT');
    stopped.kill('SIGTERM');
    expect(await stopped.exit).toEqual({ code: 130, signal: null });
    expect(stopped.stdout.at(-1)).toMatch(/^Stopped before line /);
    expect(await findDemo(directory)).toBeUndefined();
    await expect(fetch(running?.url ?? '')).rejects.toThrow('fetch failed');

    await using resumed = spawnNode(program, { args });
    say(resumed);
    expect((await resumed.exit).code).toBe(0);
    const said = resumed.stdout.join('\n');
    expect(said).toMatch(/^Resuming at line /m);
    expect(countsOf(said)).toEqual({ created: records, updated: 0, unchanged: 0, rejected: 0 });
    expect(await findDemo(directory)).toBeUndefined();
  },
);

test(
  'Ctrl-C while the service is being started leaves nothing behind',
  {
    timeout: 120_000,
  },
  async () => {
    await using home = await scratchDirectory();
    const directory = path.join(home.path, 'data');
    const file = path.join(home.path, 'products.csv');
    await writeFile(file, 'sku,name,price,category\nA,Lamp,1.00,lamps\n');
    await using stopped = spawnNode(program, { args: [directory, file], detached: true });
    say(stopped);
    await stopped.waitForLine(/^No service runs in this checkout/);
    process.kill(-stopped.pid, 'SIGINT');
    expect(await stopped.exit).toEqual({ code: 130, signal: null });
    expect(await findDemo(directory)).toBeUndefined();
    await expect(readFile(`${file}.progress`)).rejects.toThrow('ENOENT');
  },
);
