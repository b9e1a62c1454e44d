import { rm } from 'node:fs/promises';
import { lockDirectory } from './directory-lock.ts';
import type { KeeperAnswer, KeeperOptions, KeeperRequest } from './keeper-protocol.ts';
import { KeptChild } from './kept-child.ts';
import { stopStaleServer } from './stale-server.ts';

/**
 * The keeper: a small process between a program and a server it started. It runs in a session of its
 * own, so that Ctrl-C reaches the program alone and the program decides when its servers stop. When
 * the program ends, even by SIGKILL, the channel between them closes, and the keeper stops the server
 * and deletes what was temporary. It holds the lock on the server's directory until that is done.
 */
const options: KeeperOptions = JSON.parse(process.argv[2] ?? '{}');
let child: KeptChild | undefined;

process.on('message', (request: KeeperRequest) => {
  void handle(request).then(answer);
});
for (const ending of ['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(ending, () => {
    void close();
  });
}

async function handle(request: KeeperRequest): Promise<KeeperAnswer> {
  const { id } = request;
  switch (request.type) {
    case 'claim': {
      const lock = lockDirectory(options.directory, options.holderPid);
      if (lock.outcome === 'held') return { id, ...lock };
      await stopStaleServer(options.directory, options.stopSignal);
      return { id, outcome: 'done' };
    }
    case 'start':
      child = new KeptChild(request.command, options.directory);
      return { id, ...(await child.started) };
    case 'signal':
      child?.signal(request.signal);
      return { id, outcome: 'done' };
    case 'stop':
      await child?.stop(request.signal);
      return { id, outcome: 'done' };
  }
}

function answer(message: KeeperAnswer): void {
  // Whoever asked may be gone by now; `disconnect` tells us so, an error here would only repeat it.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

async function close(): Promise<void> {
  await child?.stop(options.stopSignal);
  if (options.temporary) await rm(options.directory, { recursive: true, force: true });
  process.exit();
}
