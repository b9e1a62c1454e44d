import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tryLock } from './directory-lock.ts';
import { createScratchDirectory, removeLeftovers } from './scratch-directory.ts';
import { spawnNode } from './testing/spawned-node.ts';

async function createParent(): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'local-stack-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return parent;
}

/** The number of a process that was there and is no more. */
async function deadPid(): Promise<number> {
  await using program = spawnNode('-e', { args: [''] });
  await program.exit;
  return program.pid;
}

test('what a killed run left is deleted', async () => {
  const parent = await createParent();
  const leftover = path.join(parent, `redis-${String(await deadPid())}-abcdef`);
  await mkdir(path.join(leftover, 'data'), { recursive: true });

  await removeLeftovers(parent);

  expect(existsSync(leftover)).toBe(false);
});

test('what a living run uses stays, and so does what a keeper still holds', async () => {
  const parent = await createParent();
  const own = await createScratchDirectory(parent, 'redis');
  const held = path.join(parent, `redis-${String(await deadPid())}-abcdef`);
  await mkdir(held);
  const unlock = tryLock(path.join(held, 'lock'));
  onTestFinished(() => unlock?.());

  await removeLeftovers(parent);

  expect(existsSync(own)).toBe(true);
  expect(existsSync(held)).toBe(true);
});

test('what is not ours is left alone', async () => {
  const parent = await createParent();
  await mkdir(path.join(parent, 'notes'));
  await removeLeftovers(parent);
  expect(existsSync(path.join(parent, 'notes'))).toBe(true);
});
