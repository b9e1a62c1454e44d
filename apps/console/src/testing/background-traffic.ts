import type { ThroughlineClient } from '@throughline/client';
import { setTimeout as delay } from 'node:timers/promises';

/** Reads products, three of them more than the others, and changes one now and then, until it is disposed of. */
export function startTraffic(client: ThroughlineClient, ids: readonly number[]): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const calling = (async () => {
    for (let round = 0; !signal.aborted; round += 1) {
      const id = ids[round % ids.length] ?? 0;
      const reads = [...ids.slice(0, 3), id].map(async (one) =>
        client.product.byId.query({ id: one }),
      );
      const writes =
        round % writeEvery === 0 ? [client.product.adjustStock.mutate({ id, delta: 1 })] : [];
      // What fails while a store is away is what the page is to show.
      await Promise.allSettled([...reads, ...writes]);
      await delay(roundMs, undefined, { signal }).catch(() => {});
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await calling;
    },
  };
}

const roundMs = 40;
const writeEvery = 8;
