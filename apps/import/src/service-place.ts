import { createClient } from '@throughline/client';
import { ImportError } from './import-error.ts';
import { limits } from './limits.ts';

/** What asks a program to end. */
export const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/** The service that is imported into; disposing of it ends what was started for the import. */
export interface ServicePlace extends AsyncDisposable {
  readonly url: string;
  readonly token: string | undefined;
  /** The same from run to run, though the port is not. */
  readonly name: string;
}

/** The service that was named, or this checkout's own: that which runs, or one that is started now. */
export async function openService(
  asked: {
    readonly url: string | undefined;
    readonly token: string | undefined;
    readonly directory: string | undefined;
  },
  say: (text: string) => void,
): Promise<ServicePlace> {
  const { url, token, directory } = asked;
  if (url !== undefined) {
    return { url, token, name: url, [Symbol.asyncDispose]: async () => undefined };
  }
  // It brings drivers and stores along, which who names a service has no use for.
  const { DemoEndedError, findDemo, startDemo } = await import('@throughline/demo');
  const name = 'the service of this checkout';
  const running = await findDemo(directory);
  if (running !== undefined && (await answers(running))) {
    return { ...running, name, [Symbol.asyncDispose]: async () => undefined };
  }
  say('No service runs in this checkout; one is started for the time of the import.');
  await using starting = new AsyncDisposableStack();
  // Whatever ends us at once would leave it running.
  starting.use(withoutEndBySignal());
  const demo = starting.use(
    await startDemo({ say: () => undefined, ...(directory && { directory }) }).catch(inWords),
  );
  try {
    const { urls } = await demo.ready();
    const started = starting.move();
    const dispose = async () => started.disposeAsync();
    return { url: urls.trpcUrl, token: demo.token, name, [Symbol.asyncDispose]: dispose };
  } catch (err) {
    throw err instanceof DemoEndedError ? new ImportError(err.message) : err;
  }
}

function ignore(): void {}

function withoutEndBySignal(): Disposable {
  for (const signal of endingSignals) process.on(signal, ignore);
  return {
    [Symbol.dispose]: () => {
      for (const signal of endingSignals) process.off(signal, ignore);
    },
  };
}

/** Another start of this checkout's service is under way, or its data is in use. */
function inWords(err: unknown): never {
  const isHeld = err instanceof Error && 'code' in err && err.code === 'DIRECTORY_HELD';
  throw isHeld ? new ImportError(err.message) : err;
}

/** Only a service with the secret of this checkout takes its token. */
async function answers({ url, token }: { url: string; token: string }): Promise<boolean> {
  const client = createClient({ url, token, retryForMs: 0 });
  const signal = AbortSignal.timeout(limits.probeMs);
  return client.category.list.query(undefined, { signal }).then(
    () => true,
    () => false,
  );
}
