import { createClient, failureOf } from '@throughline/client';
import { randomUUID } from 'node:crypto';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { argv, env, exit } from 'node:process';

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

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<Line> {
  for await (const text of texts) {
    tally.lines += 1;
    yield { number: tally.lines, text };
  }
}

/** Names a run over the file. One that was stopped left its name and goes on; after the end of one the next is another. */
async function runNamed(path: string): Promise<string> {
  const left = await readFile(path, 'utf8').catch(() => '');
  const run = /^[0-9a-f-]{36}$/.test(left) ? left : randomUUID();
  await writeFile(path, run);
  return run;
}

/** The last work on each product, as the later of two lines counts. */
const underWay = new Map<number, Promise<void>>();

async function importLine({ number, text }: Line, run: string): Promise<void> {
  const [, digits, price] = /^(\d{1,9}),(\d{1,9}\.\d\d)$/.exec(text.trim()) ?? [];
  if (digits === undefined || price === undefined) return tell(number, 'is not like 17,19.90');
  const id = Number(digits);
  const before = underWay.get(id);
  const work = (async () => {
    await before;
    // The same line in the same run has the same key: it takes place once, also when all begins anew. The service keeps
    // keys for a day: a run that goes on later than that sets its first prices again, over what others have set since.
    await updatePrice({ id, price }, { key: `${run}:${number}:${id}:${price}`, number });
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

await using input = await open(file);
const runFile = `${file}.run`;
const run = await runNamed(runFile);
const lines = linesOf(input.readLines());
const workers = Array.from({ length: 8 }, async () => {
  // All workers take from the same lines; the first that throws ends them for all.
  for await (const line of lines) await importLine(line, run);
});
await Promise.all(workers).catch((err: unknown) => {
  console.error(`Stopped: ${failureOf(err).message} Run it again; what is done stays done.`);
  exit(2);
});
await rm(runFile);

const changed = tally.lines - tally.failed;
console.log(
  `${tally.lines} lines: ${changed} changed, ${tally.replayed} of them by an attempt before, ${tally.failed} failed`,
);
if (tally.failed > 0) exit(1);
