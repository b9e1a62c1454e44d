import { NodeProgram } from '@throughline/local-stack';
import { metricSum } from './metrics-page.ts';
import { readyText } from './servers/ready.ts';

/** A process that is measured. */
export interface Program extends AsyncDisposable {
  readonly trpcUrl: string;
  /** Where its metrics are, and its health beside them. */
  readonly metricsUrl: string;
  readonly pid: number;
  /** User and system time of the process and its workers since they began, by their own account. */
  cpuSeconds(): Promise<number>;
  /** The sum of all series of a metric whose labels contain these; 0 without any. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** All of its metrics. */
  page(): Promise<string>;
}

export interface ProgramOptions {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Options for Node before the file. */
  readonly nodeOptions?: readonly string[];
}

/** Returns once it is ready. Throws ServerStartError, with what it printed, if it ends instead. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { file, environment, nodeOptions = [] } = options;
  const program = await NodeProgram.start({
    noun: 'bench',
    file,
    ports: new Map([
      ['trpc', undefined],
      ['metrics', undefined],
    ] as const),
    environment: (portOf) => ({
      ...environment,
      HOST: '127.0.0.1',
      PORT: String(portOf('trpc')),
      METRICS_PORT: String(portOf('metrics')),
      SHUTDOWN_NOTICE_MS: '0',
      ...(nodeOptions.length > 0 && { NODE_OPTIONS: nodeOptions.join(' ') }),
    }),
    readyText,
  });
  const metricsUrl = `http://127.0.0.1:${program.portOf('metrics')}/metrics`;
  const page = async () => (await fetch(metricsUrl)).text();
  const metric: Program['metric'] = async (name, labels = {}) =>
    metricSum(await page(), name, labels);
  return {
    trpcUrl: `http://127.0.0.1:${program.portOf('trpc')}/trpc`,
    metricsUrl,
    pid: program.pid,
    cpuSeconds: async () => metric('process_cpu_seconds_total'),
    metric,
    page,
    [Symbol.asyncDispose]: async () => program[Symbol.asyncDispose](),
  };
}
