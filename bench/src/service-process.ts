import { NodeProgram } from '@throughline/local-stack';
import path from 'node:path';

/** A service process, and where it serves. */
export interface ServiceProcess extends AsyncDisposable {
  readonly trpcUrl: string;
  readonly metricsUrl: string;
}

/** Returns once it is ready. Throws ServerStartError, with what it printed, if it ends instead. */
export async function startService(
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const program = await NodeProgram.start({
    noun: 'service',
    file: path.resolve(import.meta.dirname, '../../apps/server/src/main.ts'),
    ports: new Map([
      ['trpc', undefined],
      ['metrics', undefined],
    ] as const),
    environment: (portOf) => ({
      ...environment,
      HOST: '127.0.0.1',
      PORT: String(portOf('trpc')),
      METRICS_PORT: String(portOf('metrics')),
      LOG_LEVEL: 'info',
    }),
    readyText: '"msg":"ready"',
  });
  return {
    trpcUrl: `http://127.0.0.1:${program.portOf('trpc')}/trpc`,
    metricsUrl: `http://127.0.0.1:${program.portOf('metrics')}/metrics`,
    [Symbol.asyncDispose]: async () => program[Symbol.asyncDispose](),
  };
}
