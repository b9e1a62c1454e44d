import { DirectoryHeldError } from '@throughline/local-stack';
import { once } from 'node:events';
import path from 'node:path';
import { DemoEndedError, startDemo } from './running-demo.ts';

/**
 * `npm start`: a PostgreSQL and a Redis of this checkout's own, the demo catalogue, and the service on top.
 * Everything is kept in `.local/`; Ctrl-C stops it gently.
 */
async function main(signal: AbortSignal): Promise<void> {
  const stopped = once(signal, 'abort');
  say('Starting PostgreSQL and Redis. The first start may fetch Redis, which takes some seconds.');
  await using demo = await startDemo({ say });
  const { server, token } = demo;
  const ready = await Promise.race([demo.ready(), stopped]);
  if ('urls' in ready) {
    const { urls, variablesFile } = ready;
    say(`
Throughline is ready.

  console   ${new URL('/', urls.trpcUrl).href}#token=${token}
  tRPC      ${urls.trpcUrl}
  metrics   ${urls.metricsUrl}
  health    ${urls.healthUrl}
  log       ${path.relative(process.cwd(), server.logFile)}
  token     ${token}
  shell     . ${path.relative(process.cwd(), variablesFile)}

Try:  curl -i '${urls.trpcUrl}/product.byId?input=%7B%22id%22%3A1%7D'
Stop: Ctrl-C`);
  }
  const code = await Promise.race([server.exited, stopped]);
  if (typeof code === 'number') throw new DemoEndedError(code, server.logFile);
  say('Stopping.');
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
  } else if (err instanceof DirectoryHeldError || err instanceof DemoEndedError) {
    say(err.message);
    process.exitCode = 1;
  } else {
    throw err;
  }
}
