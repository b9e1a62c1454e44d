import type { ThroughlineClient } from '@throughline/client';
import { RESP_TYPES } from 'redis';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { atRedis, type DrillStage } from './drill-stage.ts';
import type { Drill } from './drill.ts';

const readEveryMs = 10;
const [rightPrice, wrongPrice] = ['19.90', '11.11'];

/** Only the auditor can see it: the entry is whole, final, of the present epoch, and wrong, with a checksum that fits. */
export const entryCorrupted: Drill = {
  name: 'entry-corrupted',
  fault: 'Somebody writes another price into the entry of a product that is read all the time.',
  durationScale: 1 / 30,
  lasts: '6m',
  alerts: [{ alert: 'CacheStaleReadDetected critical', firesWithin: '5m', clearsWithin: '70m' }],
  inhibited: ['ConsistencyBudgetBurn critical'],
  async begin(stage) {
    const id = await createProduct(stage.client);
    await stage.client.product.byId.query({ id });
    await corrupt(stage, id);
    const ending = new AbortController();
    const reading = readUntil(ending.signal, stage.client, id);
    return async () => {
      await stage.client.cache.invalidate.mutate({ key: `product:${String(id)}` });
      ending.abort();
      await reading;
    };
  },
};

async function createProduct(client: ThroughlineClient): Promise<number> {
  const name = 'Drilled';
  const category = await client.category.create.mutate({ name, slug: name.toLowerCase() });
  const product = { sku: 'DRILL-1', name, price: rightPrice, stock: 1, categoryId: category.id };
  return (await client.product.create.mutate(product)).id;
}

/** A price of the same length, and the checksum of the frame made anew, or nobody would be answered from it. */
async function corrupt(stage: DrillStage, id: number): Promise<void> {
  await atRedis(stage, async (admin) => {
    const client = admin.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const [name = ''] = await admin.keys(`*:product:${String(id)}`);
    const frame = await client.get(name);
    const at = frame?.indexOf(rightPrice) ?? -1;
    if (frame === null || at === -1) throw new Error('The product is not in the cache.');
    frame.write(wrongPrice, at);
    const identity = frame.readUInt32BE(0) ^ frame.readUInt32BE(4) ^ frame.readUInt32BE(8);
    frame.writeUInt32BE(crc32(frame.subarray(29), identity >>> 0), 24);
    await client.set(name, frame, { expiration: 'KEEPTTL' });
  });
}

async function readUntil(
  signal: AbortSignal,
  client: ThroughlineClient,
  id: number,
): Promise<void> {
  while (!signal.aborted) {
    await client.product.byId.query({ id });
    await delay(readEveryMs);
  }
}
