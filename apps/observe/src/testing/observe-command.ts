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
  readonly trpcUrl: string;
  readonly metricsUrl: string;
  readonly prometheusUrl: string;
  readonly api: PrometheusApi;
}

/** Resolves when it has told where everything is. */
export async function runObserve(durationScale: number): Promise<ObserveCommand> {
  await using opening = new AsyncDisposableStack();
  const directory = await mkdtemp(path.join(tmpdir(), 'observe-'));
  opening.defer(() => rm(directory, { recursive: true, force: true }));
  const program = opening.use(
    spawnNode(start, {
      args: [
        '--ports',
        'free',
        '--directory',
        directory,
        '--duration-scale',
        String(durationScale),
      ],
      // A process group of its own, as a terminal gives it.
      detached: true,
    }),
  );
  await program.waitForLine(/^Stop: Ctrl-C$/, readyMs);
  const urlOf = (what: string) =>
    new RegExp(`^  ${what} +(http\\S+)$`, 'm').exec(program.stdout.join('\n'))?.[1] ?? '';
  const opened = opening.move();
  const prometheusUrl = urlOf('Prometheus');
  return {
    program,
    directory,
    trpcUrl: urlOf('tRPC'),
    metricsUrl: urlOf('metrics'),
    prometheusUrl,
    api: new PrometheusApi(prometheusUrl),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
