import { expect, test } from 'vitest';
import { RepositoryCopy } from './repository-copy.ts';
import { textOf } from './repository.ts';

test(
  'the program of docs/tasks/move-from-cache-aside.md fits the client of today',
  { timeout: 120_000 },
  async () => {
    await using copy = await RepositoryCopy.make();
    await copy.follow(await textOf('docs/tasks/move-from-cache-aside.md'));
    await expect(copy.compile('examples/quickstart')).resolves.toBeUndefined();
  },
);
