import { getCompileCacheDir } from 'node:module';
import path from 'node:path';

/**
 * The one variable of this process's environment that its Node children are given whatever else they get: where compiled
 * code is kept, which is half of what their start takes. Empty when this process keeps none.
 */
export function compileCacheEnvironment(): Readonly<Record<string, string>> {
  const ofThisNode = getCompileCacheDir();
  // Node makes a directory for each of its versions in the one it is told of.
  return ofThisNode === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(ofThisNode) };
}
