import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findDemo, startDemo } from './running-demo.ts';

test('the service of a directory is found by its log, takes its token, and ends with its stores', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'throughline-demo-'));
  const directory = path.join(home, 'data');
  try {
    expect(await findDemo(directory)).toBeUndefined();
    const said: string[] = [];
    {
      await using demo = await startDemo({ directory, say: (text) => void said.push(text) });
      const { trpcUrl } = await demo.ready();
      expect(await findDemo(directory)).toMatchObject({ url: trpcUrl });
      const headers = { authorization: `Bearer ${demo.token}` };
      const answer = await fetch(`${trpcUrl}/cache.status`, { headers });
      expect(answer.status).toBe(200);
    }
    expect(said[0]).toBe('Filled the database with a demo catalogue.');
    const left = await findDemo(directory);
    await expect(fetch(left?.url ?? '')).rejects.toThrow('fetch failed');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
