import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

/** The client with everything that it needs, as a bundler ships it to browsers and edge runtimes. */
export interface ClientBundle {
  readonly code: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  /** What is still to be had from elsewhere, such as modules of Node. */
  readonly imports: readonly string[];
}

const entry = path.resolve(import.meta.dirname, '../index.ts');

/** `iife` leaves the exports of the client in the global `client`. */
export async function bundleClient(
  platform: 'browser' | 'neutral',
  format: 'esm' | 'iife' = 'esm',
): Promise<ClientBundle> {
  const bundle = await rolldown({ input: entry, platform, logLevel: 'silent' });
  const { output } = await bundle.generate({ format, name: 'client', minify: true });
  await bundle.close();
  const [{ code, imports }, ...others] = output;
  if (others.length > 0) throw new Error('The client is more than one file.');
  return {
    code,
    minifiedBytes: Buffer.byteLength(code),
    gzipBytes: gzipSync(code, { level: 9 }).length,
    imports,
  };
}
