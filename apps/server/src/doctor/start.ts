import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { examine } from './examine.ts';
import { lineOf } from './finding.ts';
import { ListeningWitness, tempoWitness } from './span-witness.ts';

/** npm runs scripts in the root of the checkout, wherever it was called. */
const demoLog = '.local/server.log';

const usage = `npm run doctor -- [--url http://127.0.0.1:3000/trpc] [--metrics http://127.0.0.1:9464] [--token TOKEN]
  [--log FILE, or - for what is piped in] [--listen PORT | --tempo URL] [--prometheus URL]`;

const argumentsSchema = z.strictObject({
  url: z.url().default('http://127.0.0.1:3000/trpc'),
  metrics: z.url().default('http://127.0.0.1:9464'),
  token: z.string().optional(),
  log: z.string().optional(),
  listen: z.coerce.number().int().min(0).max(65_535).optional(),
  tempo: z.url().optional(),
  prometheus: z.url().optional(),
});

/** Longer than an exporter waits by default before it sends. */
const patienceMs = 20_000;

/** `npm run doctor`: proves against a running service that what it tells can be relied on. Exits with 1 if not. */
async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) return;
  const { url, metrics, token, listen, tempo, prometheus } = options;
  await using listening = listen === undefined ? undefined : await ListeningWitness.start(listen);
  const examination = examine({
    url: withoutSlash(url),
    metricsUrl: withoutSlash(metrics),
    token,
    log: logOf(options.log),
    spans: listening ?? (tempo === undefined ? undefined : tempoWitness(withoutSlash(tempo))),
    prometheusUrl: prometheus && withoutSlash(prometheus),
    patienceMs,
  });
  for await (const finding of examination) {
    process.stdout.write(`${lineOf(finding)}\n`);
    if (!finding.ok) process.exitCode = 1;
  }
  // Whoever pipes the log of a living service never ends it.
  if (options.log === '-') process.stdin.destroy();
}

function parseOptions(): z.infer<typeof argumentsSchema> | undefined {
  const names = Object.keys(argumentsSchema.shape);
  try {
    const { values } = parseArgs({
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    });
    return argumentsSchema.parse(values);
  } catch (err) {
    process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n${usage}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

/** That of `npm start`, if it has one. A file is read anew each time; what is piped in is kept as it comes. */
function logOf(log: string | undefined): (() => Promise<string>) | undefined {
  if (log !== '-') {
    const file = log ?? demoLog;
    if (log === undefined && !existsSync(file)) return undefined;
    return async () => readFile(file, 'utf8');
  }
  let piped = '';
  process.stdin.setEncoding('utf8').on('data', (part) => {
    piped += String(part);
  });
  return async () => piped;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

await main();
