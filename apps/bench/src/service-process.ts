import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const main = path.resolve(import.meta.dirname, '../../server/src/main.ts');

/** A service process, and where it serves. */
export interface ServiceProcess extends AsyncDisposable {
  readonly trpcUrl: string;
  readonly metricsUrl: string;
}

/** Returns once it is ready. Throws what it said on stderr if it ends instead. */
export async function startService(
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...environment, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const urls = new Map<string, string>();
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, url, msg] = /"url":"([^"]+)".*"msg":"([^"]+)"/.exec(line) ?? [];
      if (url !== undefined && msg !== undefined) urls.set(msg, url);
      if (line.includes('"msg":"ready"')) resolve();
    });
    exited.then(() => reject(new Error(`The service ended before it was ready. ${said}`)), reject);
  });
  await ready;
  return {
    trpcUrl: urls.get('tRPC is served') ?? '',
    metricsUrl: urls.get('metrics are served') ?? '',
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
