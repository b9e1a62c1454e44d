import { createClient } from 'redis';
import { type EngineValue, keyCount, serveEngine, valueOf } from './serve-engine.ts';

// One MGET for what is asked in one turn of the event loop, and JSON.parse: how ours reads, without what it promises.
await serveEngine(async ({ REDIS_URL }) => {
  const client = createClient({ url: REDIS_URL });
  await client.connect();
  for (let id = 1; id <= keyCount; id += 1) {
    await client.set(`coalesced:${id}`, JSON.stringify(valueOf(id)));
  }
  let open: Turn | undefined;
  const openTurn = (): Turn => {
    const names: string[] = [];
    const { promise: answer, resolve } = Promise.withResolvers<(string | null)[]>();
    setImmediate(() => {
      open = undefined;
      resolve(client.mGet(names));
    });
    return { names, answer };
  };
  return async (id) => {
    open ??= openTurn();
    const { names, answer } = open;
    const index = names.push(`coalesced:${id}`) - 1;
    const value: EngineValue = JSON.parse((await answer)[index] ?? 'null');
    return value;
  };
});

/** What is asked in one turn, and the answer in that order. */
interface Turn {
  readonly names: string[];
  readonly answer: Promise<(string | null)[]>;
}
