import { createClient } from '@throughline/client';
import { startLocalStack } from '@throughline/local-stack';
import { SignJWT } from 'jose';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Service, startService } from './service.ts';

/**
 * Prints what spans cost: the processor time of a service process for one cache hit, without spans, with one trace of a
 * hundred kept, and with all. The three processes run side by side and are asked in turns, so that whatever else the
 * machine does hits all of them.
 */
const roundsMax = 12;
const requestsOfRound = 500;
const atOnce = 8;
const secret = 'a secret of this example, long enough for HS256';

await using stack = await startLocalStack({ temporary: true });
// Takes everything and keeps nothing.
const collector = createServer((req, res) => void req.resume().on('end', () => res.end()));
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
const address = collector.address();
if (address === null || typeof address === 'string') throw new Error('The collector has no port.');
const stores = {
  DATABASE_URL: stack.databaseUrl,
  REDIS_URL: stack.redisUrl,
  AUTH_JWT_SECRET: secret,
  LOG_LEVEL: 'info',
};
const spans = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
};
await using without = await startService(stores);
await using some = await startService({ ...stores, ...spans, OTEL_TRACES_SAMPLER_ARG: '0.01' });
await using all = await startService({ ...stores, ...spans, OTEL_TRACES_SAMPLER_ARG: '1' });

const hitUrl = await warmProduct(without);
const costs = new Map([without, some, all].map((service) => [service, new Array<number>()]));
for (let round = 0; round <= roundsMax; round += 1) {
  for (const [service, cpuUs] of costs) {
    const beganS = await cpuSeconds(service);
    const onlyHits = await hammer(`${service.url}/${hitUrl}`);
    const tookUs = ((await cpuSeconds(service)) - beganS) * 1e6;
    // In the first round the compiler is still at work.
    if (round > 0 && onlyHits) cpuUs.push(tookUs / requestsOfRound);
  }
}
const base = median(costs.get(without) ?? []);
const names = ['without spans', '1 % of traces kept', 'all traces kept'];
for (const [index, cpuUs] of [...costs.values()].entries()) {
  const us = median(cpuUs);
  console.log(
    `${names[index]}: ${us.toFixed(0)} µs for a hit, ${(us / base).toFixed(2)} times (${cpuUs.length} rounds)`,
  );
}
collector.close();
collector.closeAllConnections();

async function warmProduct({ url }: Service): Promise<string> {
  const token = await new SignJWT({ scope: 'catalog:read catalog:write' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5 minutes')
    .sign(new TextEncoder().encode(secret));
  const { category, product } = createClient({ url, token });
  const { id: categoryId } = await category.create.mutate({ name: 'Lamps', slug: 'lamps' });
  const lamp = { sku: 'LAMP', name: 'Lamp', price: '19.90', categoryId };
  const { id } = await product.create.mutate(lamp);
  return `product.byId?input=${encodeURIComponent(JSON.stringify({ id }))}`;
}

/** Whether the cache answered every time: on a machine that is busy, Redis may be too late for it. */
async function hammer(url: string): Promise<boolean> {
  let onlyHits = true;
  let left = requestsOfRound;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        const response = await fetch(url);
        await response.arrayBuffer();
        if (response.headers.get('x-cache') !== 'hit') onlyHits = false;
      }
    }),
  );
  return onlyHits;
}

async function cpuSeconds({ metricsUrl }: Service): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
