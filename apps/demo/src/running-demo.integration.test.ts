import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findDemo, startDemo } from './running-demo.ts';

test(
  'the service of a directory is found while it runs, takes its token, and ends with its stores',
  { timeout: 120_000 },
  async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'throughline-demo-'));
    const directory = path.join(home, 'data');
    try {
      expect(await findDemo(directory)).toBeUndefined();
      const said: string[] = [];
      let url = '';
      {
        await using demo = await startDemo({ directory, say: (text) => void said.push(text) });
        const { trpcUrl } = (await demo.ready()).urls;
        expect(await findDemo(directory)).toMatchObject({ url: trpcUrl });
        const headers = { authorization: `Bearer ${demo.token}` };
        const answer = await fetch(`${trpcUrl}/cache.status`, { headers });
        expect(answer.status).toBe(200);
        url = trpcUrl;
      }
      await expect(fetch(url)).rejects.toThrow('fetch failed');
      expect(said[0]).toBe('Filled the database with a demo catalogue.');
      expect(await findDemo(directory)).toBeUndefined();
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
);
