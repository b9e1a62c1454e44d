import { createClient, type Failure, failureOf } from '@throughline/client';
import path from 'node:path';
import { CategoryIndex } from './category-index.ts';
import { type Checkpoint, CheckpointFile, identityOf, newCheckpoint } from './checkpoint.ts';
import { csvFormat } from './csv-format.ts';
import { type ImportArguments, importArguments, usage } from './import-arguments.ts';
import { ImportError } from './import-error.ts';
import { Importer } from './importer.ts';
import { jsonlFormat } from './jsonl-format.ts';
import { limits } from './limits.ts';
import { grouped, linesOf, type Progress, ProgressLine, rateOf } from './progress-line.ts';
import { RejectedFile } from './rejected-file.ts';
import { endingSignals, openService } from './service-place.ts';
import { openText, type TextSource } from './utf8-text.ts';

export interface ProgramOptions {
  readonly args: readonly string[];
  /** For the service, if the arguments name none. */
  readonly token: string | undefined;
  /** Where a service of our own keeps its data; that of `npm start` if not given. */
  readonly directory?: string;
}

/** Exit codes. `stopped` is that of a program which SIGINT ends. */
const codes = { allImported: 0, failed: 1, someRejected: 2, stopped: 130 } as const;

/** Says what it does on standard output, and resolves with the exit code. SIGINT and SIGTERM stop it after what is under way. */
export async function runProgram({ args, ...options }: ProgramOptions): Promise<number> {
  const stopping = new AbortController();
  for (const signal of endingSignals) {
    // Once: the second one ends us at once, which loses nothing either. Where we have a service to end, it is ignored.
    process.once(signal, () => {
      stopping.abort();
      say('\nStopping after what is under way.');
    });
  }
  try {
    const asked = importArguments(args);
    if (asked !== 'help') return await importFile(asked, options, stopping.signal);
    say(usage);
    return codes.allImported;
  } catch (err) {
    // A terminal tells its end to all that run in it: what was just being started fails of it.
    const isStopped = stopping.signal.aborted;
    if (!(isStopped || err instanceof ImportError || isFileError(err))) throw err;
    process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
    return isStopped ? codes.stopped : codes.failed;
  }
}

async function importFile(
  args: ImportArguments,
  { token: givenToken, directory }: Omit<ProgramOptions, 'args'>,
  signal: AbortSignal,
): Promise<number> {
  const file = await identityOf(args.file);
  const text = await openText(args.file, args.encoding);
  const format =
    args.format === 'jsonl' ? jsonlFormat() : await csvFormat(text.read(0), args.delimiter);
  tellUnknown(format.unknownColumns);
  const namesTold = format.unknownColumns.length;
  await using service = await openService(
    { url: args.url, token: args.token ?? givenToken, directory },
    say,
  );
  const checkpoints = new CheckpointFile(args.file);
  const setting = `${service.name}, ${args.format}, ${text.encoding}`;
  const kept = args.restarts ? undefined : await checkpoints.read(file, setting);
  const from = kept ?? newCheckpoint(file, setting, format.begin);
  if (kept !== undefined) say(`Resuming at line ${grouped(kept.position.line)}.`);
  const { url, token } = service;
  const client = createClient({ url, token, retryForMs: limits.retryForMs });
  try {
    const categories = await CategoryIndex.open(
      {
        list: async () => client.category.list.query(),
        create: async (category) => client.category.create.mutate(category),
      },
      args.createsCategories,
    );
    const rejected = await RejectedFile.open(
      `${args.file}.rejected`,
      format.rejectedHead,
      from.rejectedBytes,
    );
    const progress = new ProgressLine(process.stderr, progressOf(from, text));
    const importer = new Importer(
      {
        upsertMany: async (products, idempotencyKey) =>
          client.product.upsertMany.mutate({ products }, { context: { idempotencyKey } }),
        categories,
        format,
        text,
        rejected,
        checkpoints,
        onProgress: (checkpoint) => progress.show(progressOf(checkpoint, text)),
      },
      from,
    );
    const ended = await importer.run(signal).finally(() => progress.end());
    tellUnknown(format.unknownColumns.slice(namesTold));
    const { checkpoint } = importer;
    if (ended === 'stopped') {
      say(
        `Stopped before line ${grouped(checkpoint.position.line)}. The same command goes on there.`,
      );
      return codes.stopped;
    }
    await checkpoints.remove();
    tellEnd(checkpoint, { rejected: rejected.path, categories: categories.created });
    return checkpoint.counts.rejected > 0 ? codes.someRejected : codes.allImported;
  } catch (err) {
    throw new ImportError(refusalOf(failureOf(err), url));
  }
}

function tellUnknown(columns: readonly string[]): void {
  if (columns.length === 0) return;
  const names = columns.slice(0, limits.unknownColumnsMax).map((name) => name.slice(0, 100));
  say(`These columns mean nothing here: ${names.join(', ')}.`);
}

/** Where bytes of the text are not those of the file, what has been read is a little ahead of what is done. */
function progressOf({ position, counts, file }: Checkpoint, text: TextSource): Progress {
  const done = text.encoding === 'utf-8' ? position.offset : text.bytesRead;
  return { share: file.bytes === 0 ? 1 : Math.min(1, done / file.bytes), counts };
}

function tellEnd(
  { counts, elapsedMs }: Checkpoint,
  { rejected, categories }: { readonly rejected: string; readonly categories: number },
): void {
  const lines = linesOf(counts);
  say(`Imported ${grouped(lines)} lines in ${(elapsedMs / 1_000).toFixed(1)} s, ${grouped(rateOf(lines, elapsedMs))} lines/s.

  created    ${grouped(counts.created)}
  updated    ${grouped(counts.updated)}
  unchanged  ${grouped(counts.unchanged)}
  rejected   ${grouped(counts.rejected)}`);
  if (categories > 0) say(`\n${grouped(categories)} categories were created.`);
  if (counts.rejected > 0) {
    const shown = path.relative(process.cwd(), rejected);
    say(`\nEvery rejected line is in ${shown}, with its number and the reason. Mend it, and import it:
npm run import -- ${shown}`);
  }
}

function refusalOf({ code, message }: Failure, url: string): string {
  const again = 'What is done is kept: the same command goes on from there.';
  switch (code) {
    case 'TOKEN_MISSING':
      return 'The service wants a token: put it into TOKEN.';
    case 'NO_ANSWER':
    case 'ANSWER_UNREADABLE':
      return `The service at ${url} does not answer (${message}). ${again}`;
    default:
      return `The import failed with ${code}: ${message} ${again}`;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function isFileError(err: unknown): err is Error {
  return err instanceof Error && 'syscall' in err && 'path' in err;
}
