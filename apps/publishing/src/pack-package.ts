import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type PublishedPackage, publishedPackages, root } from './published-package.ts';
import { stagePackage } from './stage-package.ts';

const run = promisify(execFile);

/** A package as a registry gets it. */
export interface PackedPackage {
  readonly published: PublishedPackage;
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
}

/** Builds every package that is published, anew, and packs each into a tarball in this directory. */
export async function packPackages(directory: string): Promise<PackedPackage[]> {
  const packages = await publishedPackages();
  const projects = packages.map((one) => path.join(one.directory, 'tsconfig.build.json'));
  for (const one of packages) {
    await rm(path.join(one.directory, 'dist'), { recursive: true, force: true });
  }
  await run(process.execPath, [tsc, '--build', ...projects], { cwd: root });
  await mkdir(directory, { recursive: true });
  for (const published of packages) await stagePackage(published);
  return pack(packages, directory);
}

export const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

const packAnswer = z.array(
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string() })),
  }),
);

/** Answers come in the order in which the packages are named. */
async function pack(
  packages: readonly PublishedPackage[],
  directory: string,
): Promise<PackedPackage[]> {
  const stages = packages.map(({ stage }) => stage);
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--pack-destination', directory, ...stages],
    { cwd: root },
  );
  const answers = packAnswer.parse(JSON.parse(stdout));
  return packages.map((published, index) => {
    const packed = answers[index];
    if (packed === undefined) throw new Error(`${published.manifest.name} was not packed.`);
    return {
      published,
      tarball: path.join(directory, packed.filename),
      packedBytes: packed.size,
      unpackedBytes: packed.unpackedSize,
      files: packed.files.map((file) => file.path),
    };
  });
}
