import { keptDataDirectory, startLocalStack } from '@throughline/local-stack';
import path from 'node:path';
import { DemoServer, type DemoUrls } from './demo-server.ts';
import { openDemoToken } from './demo-token.ts';
import { prepareDatabase } from './prepare-database.ts';
import { ShellVariables } from './shell-variables.ts';

export interface DemoOptions {
  /** Told of each step, in words. */
  readonly say: (text: string) => void;
  /** Where the data is kept; that of `npm start` if not given. */
  readonly directory?: string;
}

export interface ReadyDemo {
  readonly urls: DemoUrls;
  /** What a shell reads to know them. */
  readonly variablesFile: string;
}

/** Stores, the demo catalogue and the service on top; disposing of it ends all of them. */
export interface Demo extends AsyncDisposable {
  readonly server: DemoServer;
  /** Of every scope. */
  readonly token: string;
  /** Tells shells and `findDemo` where everything is, once. Throws if the service ends before it is ready. */
  ready(): Promise<ReadyDemo>;
}

/** Returns when the service is being started. Throws DirectoryHeldError where another process uses the data. */
export async function startDemo({
  say,
  directory = keptDataDirectory,
}: DemoOptions): Promise<Demo> {
  await using starting = new AsyncDisposableStack();
  const stack = starting.use(await startLocalStack({ directory }));
  if (await prepareDatabase(stack.databaseUrl)) say('Filled the database with a demo catalogue.');
  const home = path.dirname(directory);
  const { secret, token } = await openDemoToken(home);
  const stores = { DATABASE_URL: stack.databaseUrl, REDIS_URL: stack.redisUrl };
  const logFile = path.join(home, 'server.log');
  const server = starting.use(
    await DemoServer.start({ stores: { ...stores, AUTH_JWT_SECRET: secret }, logFile, say }),
  );
  const started = starting.move();
  return {
    server,
    token,
    ready: async () => {
      const urls = await Promise.race([server.ready, server.exited]);
      if (typeof urls !== 'object') throw new DemoEndedError(urls, logFile);
      const file = variablesFileIn(home);
      const variables = started.use(await ShellVariables.write({ file, urls, token, stores }));
      return { urls, variablesFile: variables.file };
    },
    [Symbol.asyncDispose]: async () => started.disposeAsync(),
  };
}

/** The service ended by itself. */
export class DemoEndedError extends Error {
  constructor(exitCode: number, logFile: string) {
    super(`The service ended by itself with code ${exitCode}; see ${logFile}.`);
  }
}

/** Where the service of this checkout is served, and a token for it; it may have been killed since it said so. */
export async function findDemo(
  directory = keptDataDirectory,
): Promise<{ readonly url: string; readonly token: string } | undefined> {
  const { URL: url, TOKEN: token } = await ShellVariables.read(
    variablesFileIn(path.dirname(directory)),
  );
  return url === undefined || token === undefined ? undefined : { url, token };
}

function variablesFileIn(home: string): string {
  return path.join(home, 'demo.env');
}
