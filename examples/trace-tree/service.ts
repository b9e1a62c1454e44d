import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A service process that sends spans, until disposed of. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string;
}

const root = new URL('../../', import.meta.url);

/** Started as in production: `--import` comes before the program. Resolves when it is ready. */
export async function startService(environment: Record<string, string>): Promise<Service> {
  const child = spawn(
    process.execPath,
    ['--import', '@throughline/telemetry/start-tracing', 'apps/server/src/main.ts'],
    {
      cwd: root,
      env: { ...environment, PORT: '0', METRICS_PORT: '0', SHUTDOWN_NOTICE_MS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  let [url, metricsUrl] = ['', ''];
  for await (const line of createInterface(child.stdout)) {
    url = /"url":"(http[^"]+\/trpc)"/.exec(line)?.[1] ?? url;
    metricsUrl = /"url":"(http[^"]+\/metrics)"/.exec(line)?.[1] ?? metricsUrl;
    if (line.includes('"msg":"ready"')) break;
  }
  if (child.exitCode !== null) throw new Error('The service ended before it was ready.');
  // What it says from here on is read and dropped: a full pipe would stop it.
  child.stdout.resume();
  return {
    url,
    metricsUrl,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
