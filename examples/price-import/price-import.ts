import { createClient, failureOf } from '@throughline/client';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { argv, env, exit } from 'node:process';
import { createInterface } from 'node:readline';

const [, , file = 'prices.csv'] = argv;
const tally = { lines: 0, replayed: 0, failed: 0 };

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
  retryForMs: 60_000,
  onAnswer: ({ isReplay }) => {
    if (isReplay) tally.replayed += 1;
  },
});

interface Line {
  readonly number: number;
  readonly text: string;
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    tally.lines += 1;
    yield { number: tally.lines, text };
  }
}

/** Names a file by what is in it: another file has other keys. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex').slice(0, 32);
}

/** The last work on each product, as the later of two lines counts. */
const underWay = new Map<string, Promise<void>>();

async function importLine({ number, text }: Line, digest: string): Promise<void> {
  const [, id, price] = /^(\d{1,9}),(\d+\.\d\d)$/.exec(text.trim()) ?? [];
  if (id === undefined || price === undefined) return tell(number, 'is not like 17,19.90');
  const work = (async () => {
    await underWay.get(id);
    // The same line of the same file has the same key: it takes place once, also when all begins anew.
    await updatePrice({ id: Number(id), price }, { key: `${digest}:${number}`, number });
  })();
  underWay.set(id, work);
  await work;
  if (underWay.get(id) === work) underWay.delete(id);
}

async function updatePrice(
  input: { id: number; price: string },
  { key, number }: { key: string; number: number },
): Promise<void> {
  try {
    await client.product.updatePrice.mutate(input, { context: { idempotencyKey: key } });
  } catch (err) {
    const { code, message } = failureOf(err);
    // Anything else is no fault of the line, and the next would fare no better.
    if (code !== 'PRODUCT_NOT_FOUND' && code !== 'INPUT_INVALID') throw err;
    tell(number, `${code} - ${message}`);
  }
}

function tell(number: number, what: string): void {
  tally.failed += 1;
  console.error(`line ${number}: ${what}`);
}

const digest = await digestOf(file);
const lines = linesOf(file);
const workers = Array.from({ length: 8 }, async () => {
  // All workers take from the same lines; the first that throws ends them for all.
  for await (const line of lines) await importLine(line, digest);
});
await Promise.all(workers).catch((err: unknown) => {
  console.error(`Stopped: ${failureOf(err).message} Run it again; what is done stays done.`);
  exit(2);
});

const changed = tally.lines - tally.replayed - tally.failed;
console.log(
  `${tally.lines} lines: ${changed} changed, ${tally.replayed} changed before, ${tally.failed} failed`,
);
if (tally.failed > 0) exit(1);
