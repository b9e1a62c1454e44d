import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { PackedPackage } from './pack-package.ts';
import { root } from './published-package.ts';

/** What is wrong with a package that was packed, a line each. */
export async function problemsOf(packed: PackedPackage): Promise<string[]> {
  const found = await Promise.all([
    manifestProblems(packed),
    typeProblems(packed),
    leaks(packed),
    missingFiles(packed),
  ]);
  return found.flat();
}

async function manifestProblems({ published }: PackedPackage): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: published.stage, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);
}

/** Resolution of old, without `exports`, and CommonJS without `require` of modules are not served. */
const served = new Set(['node16-esm', 'bundler']);

async function typeProblems({ tarball }: PackedPackage): Promise<string[]> {
  const checked = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
  if (!checked.types) return ['attw: it has no types'];
  return checked.problems
    .filter((problem) => !('resolutionKind' in problem) || served.has(problem.resolutionKind))
    .filter((problem) => !('resolutionOption' in problem) || problem.resolutionOption !== 'node10')
    .filter(({ kind }) => kind !== 'CJSResolvesToESM')
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

/** Files for nobody but us, paths of this machine, and imports that would not be found. */
async function leaks({ published, files }: PackedPackage): Promise<string[]> {
  const { dependencies, peerDependencies, name } = published.manifest;
  const known = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies }), 'vitest']);
  const unwanted = files.filter((file) => /\.test\.|\/broken\/|\/model\/|tsbuildinfo/.test(file));
  const problems = unwanted.map((file) => `${file} is not for others`);
  for (const file of files) {
    const text = await readFile(path.join(published.stage, file), 'utf8');
    if (text.includes(root)) problems.push(`${file} tells a path of this machine`);
    if (!/^dist\/.*\.(js|d\.ts)$/.test(file)) continue;
    for (const [, asked = ''] of text.matchAll(
      /(?:from |import\(|import )['"]([^.'"][^'"]*)['"]/g,
    )) {
      const packageName = /^(@[^/]+\/)?[^/]+/.exec(asked)?.[0] ?? asked;
      if (!asked.startsWith('node:') && !known.has(packageName)) {
        problems.push(`${file} imports ${asked}, which the manifest does not name`);
      }
    }
  }
  return problems;
}

async function missingFiles({ files }: PackedPackage): Promise<string[]> {
  return ['LICENSE', 'README.md', 'package.json']
    .filter((file) => !files.includes(file))
    .map((file) => `${file} is missing`);
}
