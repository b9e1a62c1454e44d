import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { root } from './compose-file.ts';

const lockedPackage = z.object({
  version: z.string().default(''),
  license: z.string().default('none'),
  integrity: z.string().default(''),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
});

const lockFile = z.object({ packages: z.record(z.string(), lockedPackage) });

export interface LockedPackage extends z.infer<typeof lockedPackage> {
  readonly name: string;
}

/** What `npm ci --omit=dev` installs of others, for every workspace and machine, from package-lock.json. */
export async function lockedPackages(): Promise<LockedPackage[]> {
  const text = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const { packages } = lockFile.parse(JSON.parse(text));
  return Object.entries(packages).flatMap(([place, locked]) => {
    const name = place.split('node_modules/').at(-1) ?? '';
    const isOfOthers = place.includes('node_modules/') && !locked.link && !locked.dev;
    return isOfOthers ? [{ ...locked, name }] : [];
  });
}
