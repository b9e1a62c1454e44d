import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type PackedPackage, tsc } from '../pack-package.ts';
import { root } from '../published-package.ts';

/** What the compiler says where the router of the published client and that of the service are not the same. */
export async function routerDifferences(packages: readonly PackedPackage[]): Promise<string> {
  const client = packages.find(({ published }) => published.manifest.name.endsWith('/client'));
  if (client === undefined) throw new Error('There is no client.');
  const parent = path.join(root, '.packages');
  await mkdir(parent, { recursive: true });
  // Within the repository, for the types of the service are found nowhere else.
  const directory = await mkdtemp(path.join(parent, 'compared-'));
  try {
    const published = path.join(client.published.stage, 'dist/service-types.js');
    await writeFile(path.join(directory, 'compared.ts'), comparison(published));
    const config = { extends: path.join(root, 'tsconfig.base.json'), files: ['compared.ts'] };
    await writeFile(path.join(directory, 'tsconfig.json'), JSON.stringify(config));
    const checked = promisify(execFile)(process.execPath, [tsc, '--project', directory]);
    return await checked.then(
      () => '',
      (err: unknown) => z.object({ stdout: z.string() }).parse(err).stdout,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

function comparison(published: string): string {
  return `
import type { AppRouter as Own } from '@throughline/api';
import type { AppRouter as Published } from ${JSON.stringify(published)};
import type { inferRouterError, inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expectTypeOf } from 'vitest';

expectTypeOf<inferRouterInputs<Published>>().toEqualTypeOf<inferRouterInputs<Own>>();
expectTypeOf<inferRouterOutputs<Published>>().toEqualTypeOf<inferRouterOutputs<Own>>();
expectTypeOf<inferRouterError<Published>>().toEqualTypeOf<inferRouterError<Own>>();
`;
}
