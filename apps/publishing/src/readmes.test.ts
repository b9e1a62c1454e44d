import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { publishedPackages, root } from './published-package.ts';
import { firstScreen, readmeCode } from './testing/readme-code.ts';

const examples = path.join(root, 'examples/account-balance');

test('the README of every package that is published begins with a program', async () => {
  for (const { manifest, directory } of await publishedPackages()) {
    const screen = await firstScreen(path.basename(directory));
    expect(screen.split('\n')[0]).toBe(`# ${manifest.name}`);
    expect(screen).toContain(`from '${manifest.name}`);
  }
});

test('what the README of the cache shows is the example', async () => {
  const [accounts, balance] = await readmeCode('write-through');
  expect(accounts).toBe(await readFile(path.join(examples, 'accounts.ts'), 'utf8'));
  expect(balance).toBe(await readFile(path.join(examples, 'account-balance.ts'), 'utf8'));
});
