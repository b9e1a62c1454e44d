import { createClient } from '@throughline/client';
import { SpanSink, spanTree, startLocalStack, type SunkSpan } from '@throughline/local-stack';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { startService } from './service.ts';

/**
 * Prints two traces as trees: one `updatePrice`, and one batch of ten reads. It brings stores, a service and a collector
 * of its own, all gone at the end.
 */
const secret = 'a secret of this example, long enough for HS256';

await using stack = await startLocalStack({ temporary: true });
await using sink = await SpanSink.start();
await using service = await startService({
  DATABASE_URL: stack.databaseUrl,
  REDIS_URL: stack.redisUrl,
  AUTH_JWT_SECRET: secret,
  ...sink.environment,
});
const token = await new SignJWT({ scope: 'catalog:read catalog:write' })
  .setProtectedHeader({ alg: 'HS256' })
  .setExpirationTime('5 minutes')
  .sign(new TextEncoder().encode(secret));
const { category, product } = createClient({ url: service.url, token });

const { id: categoryId } = await category.create.mutate({ name: 'Lamps', slug: 'lamps' });
const lamp = { name: 'Lamp', price: '19.90', categoryId };
const products = await Promise.all(
  Array.from({ length: 10 }, async (_, n) => product.create.mutate({ ...lamp, sku: `LAMP-${n}` })),
);
const ids = products.map(({ id }) => id);
const [first = 0] = ids;
// Redis knows the scripts from here on, so that what follows is what every day looks like.
await product.updatePrice.mutate({ id: first, price: '18.90' });

const update = { method: 'POST', body: JSON.stringify({ id: first, price: '17.90' }) };
print('One updatePrice', await traceOf('product.updatePrice', update));
const calls = ids.map(() => 'product.byId').join(',');
const inputs = JSON.stringify(Object.fromEntries(ids.map((id, place) => [place, { id }])));
print('One batch of ten', await traceOf(`${calls}?batch=1&input=${encodeURIComponent(inputs)}`));

/** Sends a request within a trace that begins here, and returns what the service adds to it. */
async function traceOf(path: string, request: RequestInit = {}): Promise<SunkSpan[]> {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`${service.url}/${path}`, {
    ...request,
    headers: { ...headers, traceparent },
  });
  if (!response.ok) throw new Error(await response.text());
  // The span of the request is the last to end.
  while (!sink.trace(traceId).some(({ kind }) => kind === 'server')) await sink.arrival();
  return sink.trace(traceId);
}

function print(title: string, spans: readonly SunkSpan[]): void {
  const rows = spanTree(spans);
  const beganMs = rows[0]?.span.startedAtMs ?? 0;
  const width = Math.max(...rows.map(({ drawn }) => drawn.length)) + 2;
  console.log(`\n${title}, trace ${rows[0]?.span.traceId}\n`);
  console.log(`${'span'.padEnd(width)}${'begins'.padStart(8)}${'takes'.padStart(8)} ms`);
  for (const { drawn, span } of rows) {
    const begins = (span.startedAtMs - beganMs).toFixed(1).padStart(8);
    const takes = span.tookMs.toFixed(1).padStart(8);
    console.log(`${drawn.padEnd(width)}${begins}${takes}     ${told(span)}`.trimEnd());
  }
}

/** What a person looks for first; docs/tracing.md lists all that spans say. */
function told({ attributes, failed }: SunkSpan): string {
  const names = [
    'trpc.batch_index',
    'rpc.status_code',
    'cache.outcome',
    'cache.entry.version',
    'cache.step.outcome',
  ];
  const shown = names.filter((name) => name in attributes);
  return [
    ...(failed ? ['FAILED'] : []),
    ...shown.map((name) => `${name}=${String(attributes[name])}`),
  ].join(' ');
}
