import path from 'node:path';
import { scratchDirectory } from './local-directory.ts';
import { PostgresServer } from './postgres-server.ts';
import { RedisServer } from './redis-server.ts';
import { removeLeftovers } from './scratch-directory.ts';
import { findUnprivilegedAccount, reachableDirectory } from './unprivileged-account.ts';

/** A PostgreSQL and a Redis of one's own, on free ports of 127.0.0.1, until disposed of. */
export interface LocalStack extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** `directory`: data is kept there, written down safely. `temporary`: quick, and gone at the end. */
export type LocalStackOptions = { readonly directory: string } | { readonly temporary: true };

/**
 * Starts both servers. They end when the stack is disposed of, and also when this process dies in any
 * other way; Ctrl-C does not reach them before that.
 *
 * Throws DirectoryHeldError, naming the process, when another one runs on the same directory.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  await removeAllLeftovers();
  const kept = 'directory' in options ? path.resolve(options.directory) : undefined;
  await using started = new AsyncDisposableStack();
  // One after the other: two runs that want the same directory at once meet at Redis, and one wins.
  const redis = started.use(
    await RedisServer.start(kept === undefined ? {} : { directory: path.join(kept, 'redis') }),
  );
  const postgres = started.use(
    await PostgresServer.start(
      kept === undefined ? {} : { directory: path.join(kept, 'postgres') },
    ),
  );
  const servers = started.move();
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  };
}

async function removeAllLeftovers(): Promise<void> {
  const account = await findUnprivilegedAccount();
  const directories = [scratchDirectory, await reachableDirectory(account, scratchDirectory)];
  for (const directory of new Set(directories)) await removeLeftovers(directory);
}
