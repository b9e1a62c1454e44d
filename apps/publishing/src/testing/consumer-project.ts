import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { PackedPackage } from '../pack-package.ts';
import { tsc } from '../pack-package.ts';
import { root } from '../published-package.ts';

const run = promisify(execFile);

/** Somebody else's project, which has installed the packages from their tarballs. */
export interface ConsumerProject extends AsyncDisposable {
  readonly directory: string;
  read(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  /** What the strictest compiler says of its files, libraries not skipped; empty if nothing. */
  typeCheck(): Promise<string>;
}

/** In an empty directory outside of the repository, with the dependencies that the READMEs ask for. */
export async function openConsumerProject(
  packages: readonly PackedPackage[],
): Promise<ConsumerProject> {
  const directory = await mkdtemp(path.join(tmpdir(), 'consumer-'));
  const dispose = async () => rm(directory, { recursive: true, force: true });
  try {
    await writeFile(path.join(directory, 'package.json'), await manifestText(packages));
    await writeFile(path.join(directory, 'tsconfig.json'), JSON.stringify(tsconfig));
    const sources = path.join(import.meta.dirname, 'consumer');
    await cp(sources, directory, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
    await run('npm', ['install', ...quiet], { cwd: directory });
  } catch (err) {
    await dispose();
    throw err;
  }
  return {
    directory,
    read: async (file) => readFile(path.join(directory, file), 'utf8'),
    write: async (file, text) => writeFile(path.join(directory, file), text),
    typeCheck: async () => {
      const checked = run(process.execPath, [tsc, '--project', directory]);
      return checked.then(
        () => '',
        (err: unknown) => said(err),
      );
    },
    [Symbol.asyncDispose]: dispose,
  };
}

const tsconfig = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'esnext',
    types: ['node'],
    noEmit: true,
    allowImportingTsExtensions: true,
  },
};

/** Beside the packages, what they leave to whoever installs them. */
const chosenByConsumers = ['pg', 'redis', '@trpc/server', '@types/node', '@types/pg'];

async function manifestText(packages: readonly PackedPackage[]): Promise<string> {
  const dependencies: Record<string, string> = {};
  for (const { published, tarball } of packages) {
    dependencies[published.manifest.name] = `file:${tarball}`;
  }
  for (const name of chosenByConsumers) dependencies[name] = await installedVersion(name);
  return JSON.stringify({ private: true, type: 'module', dependencies });
}

async function installedVersion(name: string): Promise<string> {
  const file = path.join(root, 'node_modules', name, 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

function said(err: unknown): string {
  return z.object({ stdout: z.string() }).parse(err).stdout;
}
