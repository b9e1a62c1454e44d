import path from 'node:path';
import { fetchDebianPackages } from './debian-packages.ts';

/** Debian's own Redis, unpacked below `.local/`. Resolves to nothing where there is no apt. */
export async function fetchDebianRedis(): Promise<DebianRedis | undefined> {
  const fetched = await fetchDebianPackages({
    name: 'redis',
    packages: ['redis-server', 'redis-tools'],
    librariesOf: 'redis-tools',
  });
  if (fetched === undefined) return undefined;
  const { root, environment } = fetched;
  return { file: path.join(root, 'usr/bin/redis-server'), environment };
}

interface DebianRedis {
  readonly file: string;
  readonly environment: { readonly LD_LIBRARY_PATH: string };
}
