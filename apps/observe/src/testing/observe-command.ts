import { type SpawnedNode, spawnNode } from '@throughline/local-stack/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrometheusApi } from '../prometheus-api.ts';

const start = path.resolve(import.meta.dirname, '../start.ts');

/** A busy machine that has to begin with empty stores needs a while. */
const readyMs = 90_000;

/** `npm run observe` as a user starts it, on free ports and with a directory of its own. */
export interface ObserveCommand extends AsyncDisposable {
  readonly program: SpawnedNode;
  readonly directory: string;
}

/** The same, when it has told where everything is. */
export interface RunningObserve extends ObserveCommand {
  readonly trpcUrl: string;
  readonly metricsUrl: string;
  readonly api: PrometheusApi;
}

export async function startObserve(durationScale: number): Promise<ObserveCommand> {
  await using opening = new AsyncDisposableStack();
  const directory = await mkdtemp(path.join(tmpdir(), 'observe-'));
  opening.defer(() => rm(directory, { recursive: true, force: true }));
  const scale = ['--duration-scale', String(durationScale)];
  const program = opening.use(
    spawnNode(start, {
      args: ['--ports', 'free', '--directory', directory, ...scale],
      // A process group of its own, as a terminal gives it.
      detached: true,
    }),
  );
  const opened = opening.move();
  return { program, directory, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

export async function runObserve(durationScale: number): Promise<RunningObserve> {
  await using opening = new AsyncDisposableStack();
  const { program, directory } = opening.use(await startObserve(durationScale));
  await program.waitForLine(/^Stop: Ctrl-C$/, readyMs);
  const text = program.stdout.join('\n');
  const urlOf = (what: string) => new RegExp(`^  ${what} +(http\\S+)$`, 'm').exec(text)?.[1] ?? '';
  const opened = opening.move();
  return {
    program,
    directory,
    trpcUrl: urlOf('tRPC'),
    metricsUrl: urlOf('metrics'),
    api: new PrometheusApi(urlOf('Prometheus')),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
