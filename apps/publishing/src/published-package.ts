import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export const root = path.resolve(import.meta.dirname, '../../..');

const stageName = '.package';
const versions = z.record(z.string(), z.string());

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  exports: z.record(z.string(), z.string().startsWith('./src/')),
  dependencies: versions.default({}),
  peerDependencies: versions.default({}),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })).default({}),
  publishConfig: z.object({ access: z.literal('public'), directory: z.literal(stageName) }),
  sideEffects: z.union([z.literal(false), z.array(z.string().startsWith('./src/'))]),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** One of the packages that others can install. */
export interface PublishedPackage {
  readonly manifest: Manifest;
  /** Where its sources are. */
  readonly directory: string;
  /** Where what is published of it is put together. */
  readonly stage: string;
}

/** Those of the workspaces that are not private. */
export async function publishedPackages(): Promise<PublishedPackage[]> {
  return Promise.all(['write-through', 'http-adapter', 'client', 'telemetry'].map(readPackage));
}

async function readPackage(name: string): Promise<PublishedPackage> {
  const directory = path.join(root, 'packages', name);
  const text = await readFile(path.join(directory, 'package.json'), 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(text));
  return { manifest, directory, stage: path.join(directory, stageName) };
}

/**
 * The manifest that is published. Here, exports name the sources, which Node runs as they are; below `node_modules` it
 * strips no types, so there they name what was built of them. npm itself has no way to publish other exports than it uses.
 */
export function publishedManifest({ manifest }: PublishedPackage): object {
  const { scripts: _, devDependencies: __, publishConfig, dependencies, ...published } = manifest;
  const testPeers = manifest.exports['./testing/contract'] === undefined ? {} : contractPeers;
  const optional = Object.keys(testPeers).map((name) => [name, { optional: true }]);
  return {
    ...published,
    sideEffects: manifest.sideEffects && manifest.sideEffects.map((file) => built(file, '.js')),
    exports: {
      ...Object.fromEntries(
        Object.entries(manifest.exports).map(([name, file]) => [
          name,
          { types: built(file, '.d.ts'), default: built(file, '.js') },
        ]),
      ),
      './package.json': './package.json',
    },
    files: ['dist', 'src', 'CHANGELOG.md'],
    // Exact here, for every clone to be the same; whoever installs a library decides for themselves.
    dependencies: Object.fromEntries(
      Object.entries(dependencies).map(([name, version]) => [name, `^${version}`]),
    ),
    peerDependencies: { ...manifest.peerDependencies, ...testPeers },
    peerDependenciesMeta: { ...manifest.peerDependenciesMeta, ...Object.fromEntries(optional) },
    publishConfig: { access: publishConfig.access },
  };
}

/** Named here alone: as a peer of a workspace, npm would install it in production. */
const contractPeers = { vitest: '>=4' };

function built(source: string, extension: '.js' | '.d.ts'): string {
  return source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, extension);
}
