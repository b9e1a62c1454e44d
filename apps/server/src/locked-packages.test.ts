import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { root } from './testing/compose-file.ts';
import { lockedPackages } from './testing/locked-packages.ts';

/** Licences that ask for no more than to be named. */
const allowed: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

test('every package that production installs has a licence of the list', async () => {
  const packages = await lockedPackages();
  expect(packages.length).toBeGreaterThan(100);
  const others = packages.filter(({ license }) => {
    const choices = license.replaceAll(/[()]/g, '').split(' OR ');
    return !choices.some((choice) => allowed.has(choice));
  });
  expect(others.map(({ name, license }) => [name, license])).toEqual([]);
});

test('every package that production installs is held to its hash, wherever it comes from', async () => {
  const loose = (await lockedPackages()).filter(
    ({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity),
  );
  expect(loose.map(({ name, integrity }) => [name, integrity])).toEqual([]);
});

test('every version that a package of ours asks for is exact', async () => {
  const versions = z.record(z.string(), z.string()).default({});
  const manifest = z.object({ dependencies: versions, devDependencies: versions });
  const files = await manifests();
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const text = await readFile(path.join(root, file), 'utf8');
    const { dependencies, devDependencies } = manifest.parse(JSON.parse(text));
    const asked = Object.entries({ ...dependencies, ...devDependencies });
    const loose = asked.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect([file, loose]).toEqual([file, []]);
  }
});

async function manifests(): Promise<string[]> {
  const found = ['package.json', 'bench/package.json'];
  for (const folder of ['apps', 'packages', 'examples']) {
    for (const name of await readdir(path.join(root, folder))) {
      found.push(path.join(folder, name, 'package.json'));
    }
  }
  return found;
}
