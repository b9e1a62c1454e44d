import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { publishedManifest, type PublishedPackage, root } from './published-package.ts';
import { serviceTypes } from './service-types.ts';

/**
 * Puts together what is published of a package that was built: JavaScript and declarations, the sources that their maps
 * name, and a manifest of their own. Only what the exports lead to was built, so no test and no broken variant is there.
 */
export async function stagePackage(published: PublishedPackage): Promise<void> {
  const { directory, stage } = published;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage);
  await cp(path.join(directory, 'dist'), path.join(stage, 'dist'), { recursive: true });
  await rm(path.join(stage, 'dist/.tsbuildinfo'));
  for await (const file of glob('**/*.js', { cwd: path.join(directory, 'dist') })) {
    const source = path.join('src', file.replace(/\.js$/, '.ts'));
    await cp(path.join(directory, source), path.join(stage, source));
  }
  await cp(path.join(directory, 'README.md'), path.join(stage, 'README.md'));
  await cp(path.join(root, 'LICENSE'), path.join(stage, 'LICENSE'));
  const changelog = path.join(directory, 'CHANGELOG.md');
  if (existsSync(changelog)) await cp(changelog, path.join(stage, 'CHANGELOG.md'));
  await dropInnerDeclarations(published);
  await finishDeclarations(path.join(stage, 'dist'));
  const manifest = JSON.stringify(publishedManifest(published), null, 2);
  await writeFile(path.join(stage, 'package.json'), `${manifest}\n`);
}

/** Declarations that no export leads to tell nobody anything, and name parts of libraries that are not theirs to name. */
async function dropInnerDeclarations({ manifest, directory, stage }: PublishedPackage) {
  const outer = new Set<string>();
  const visit = async (source: string): Promise<void> => {
    if (outer.has(source)) return;
    outer.add(source);
    const text = await readFile(declaration(path.join(directory, 'dist'), source), 'utf8');
    for (const [, , , asked = ''] of text.matchAll(ownImport)) {
      await visit(path.join(path.dirname(source), `${asked}.ts`));
    }
  };
  for (const file of Object.values(manifest.exports)) await visit(path.relative('src', file));
  const dist = path.join(stage, 'dist');
  for await (const file of glob('**/*.js', { cwd: dist })) {
    const source = file.replace(/\.js$/, '.ts');
    if (outer.has(source)) continue;
    await rm(declaration(dist, source));
    await rm(`${declaration(dist, source)}.map`);
  }
}

function declaration(dist: string, source: string): string {
  return path.join(dist, source.replace(/\.ts$/, '.d.ts'));
}

const ownImport = /(from |import\()(['"])(\.[^'"]+)\.ts\2/g;
const serviceImport = /import type \{([^}]+)\} from '@throughline\/api'/g;
const serviceTypesFile = 'service-types.d.ts';

/**
 * The compiler leaves the names of sources in declarations, and those of the service's own package, which is not
 * published: the types that are asked of it are written down beside.
 */
async function finishDeclarations(dist: string): Promise<void> {
  const names = new Set<string>();
  for await (const name of glob('**/*.d.ts', { cwd: dist })) {
    const file = path.join(dist, name);
    const depth = path.relative(path.dirname(file), dist);
    const service = `./${path.join(depth, serviceTypesFile).replace('.d.ts', '.js')}`;
    const text = await readFile(file, 'utf8');
    const finished = text
      .replace(ownImport, '$1$2$3.js$2')
      .replace(serviceImport, (_, list: string) => {
        for (const one of list.split(',')) names.add(one.trim());
        return `import type {${list}} from '${service}'`;
      });
    await writeFile(file, finished);
  }
  if (names.size === 0) return;
  await writeFile(path.join(dist, serviceTypesFile), await serviceTypes([...names].toSorted()));
}
