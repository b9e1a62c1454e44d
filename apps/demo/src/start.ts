import { DirectoryHeldError, keptDataDirectory, startLocalStack } from '@throughline/local-stack';
import { once } from 'node:events';
import path from 'node:path';
import { DemoServer } from './demo-server.ts';
import { openDemoToken } from './demo-token.ts';
import { prepareDatabase } from './prepare-database.ts';
import { ShellVariables } from './shell-variables.ts';

/**
 * `npm start`: a PostgreSQL and a Redis of this checkout's own, the demo catalogue, and the service on top.
 * Everything is kept in `.local/`; Ctrl-C stops it gently.
 */
async function main(signal: AbortSignal): Promise<void> {
  const stopped = once(signal, 'abort');
  say('Starting PostgreSQL and Redis. The first start may fetch Redis, which takes some seconds.');
  await using stack = await startLocalStack({ directory: keptDataDirectory });
  if (await prepareDatabase(stack.databaseUrl)) say('Filled the database with a demo catalogue.');
  const directory = path.dirname(keptDataDirectory);
  const { secret, token } = await openDemoToken(directory);
  const stores = { DATABASE_URL: stack.databaseUrl, REDIS_URL: stack.redisUrl };
  await using server = await DemoServer.start({ ...stores, AUTH_JWT_SECRET: secret });
  const ready = await Promise.race([server.ready, server.exited, stopped]);
  await using opened = new AsyncDisposableStack();
  if (typeof ready === 'object' && 'trpcUrl' in ready) {
    const file = path.join(directory, 'demo.env');
    opened.use(await ShellVariables.write({ file, urls: ready, token, stores }));
    say(`
Throughline is ready.

  tRPC      ${ready.trpcUrl}
  metrics   ${ready.metricsUrl}
  health    ${ready.healthUrl}
  log       ${path.relative(process.cwd(), server.logFile)}
  token     ${token}
  shell     . ${path.relative(process.cwd(), file)}

Try:  curl -i '${ready.trpcUrl}/product.byId?input=%7B%22id%22%3A1%7D'
Stop: Ctrl-C`);
  }
  const code = await Promise.race([server.exited, stopped]);
  if (typeof code === 'number') {
    process.exitCode = 1;
    say(`The service ended by itself with code ${code}; see ${server.logFile}.`);
  } else {
    say('Stopping.');
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort());
try {
  await main(stopping.signal);
} catch (err) {
  if (stopping.signal.aborted) {
    // A terminal tells its end to all that run in it: what was just being started fails of it.
    say('Stopped before everything was ready.');
  } else if (err instanceof DirectoryHeldError) {
    say(err.message);
    process.exitCode = 1;
  } else {
    throw err;
  }
}
