import { createTestDatabase, localStack, spawnNode } from '@throughline/local-stack/testing';
import path from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocksOf, parseMarkdown } from './markdown.ts';
import { RepositoryCopy } from './repository-copy.ts';
import { textOf } from './repository.ts';

test(
  'whoever follows docs/tasks/cache-another-table.md has a table that is cached, and sees what the page shows',
  { timeout: 120_000 },
  async () => {
    const page = await textOf('docs/tasks/cache-another-table.md');
    await using copy = await RepositoryCopy.make();
    await copy.follow(page);
    await copy.compile('examples/suppliers');

    await using database = await createTestDatabase();
    await using program = spawnNode(path.join(copy.directory, 'examples/suppliers/main.ts'), {
      env: { DATABASE_URL: database.url, REDIS_URL: localStack().redisUrl },
    });
    expect(await program.exit, program.stderr.join('\n')).toEqual({ code: 0, signal: null });
    expect(likeAQuietMachine(program.stdout.join('\n'))).toBe(shownIn(page));
  },
);

function shownIn(page: string): string | undefined {
  return codeBlocksOf(parseMarkdown(page)).find(({ lang }) => lang === 'text')?.value;
}

/** Where a write did not wait for its PUBLISH, the read after it may meet a pending entry. */
function likeAQuietMachine(printed: string): string {
  return printed.replaceAll("'deferred'", "'published'").replaceAll(/'(miss|pending)'/g, "'hit'");
}
