import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ImportError } from './import-error.ts';
import { limits } from './limits.ts';
import { readHead } from './utf8-text.ts';

/** What has become of the records so far. */
const countsSchema = z.object({
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  rejected: z.int(),
});
export type Counts = z.infer<typeof countsSchema>;

const checkpointSchema = z.object({
  /** Names the import, so that a call which is repeated after an interruption is known again. */
  id: z.string(),
  file: z.object({ bytes: z.int(), modifiedMs: z.number(), headHash: z.string() }),
  /** Of the service and how the file is read: it goes on only with the same. */
  setting: z.string(),
  /** All before it is done. */
  position: z.object({ offset: z.int(), line: z.int() }),
  counts: countsSchema,
  /** Of the file of rejected records, when all before the position was done. */
  rejectedBytes: z.int(),
  /** Spent before this run. */
  elapsedMs: z.number(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** How far the import of a file has come, kept beside it until it has ended. */
export class CheckpointFile {
  readonly path: string;

  constructor(file: string) {
    this.path = `${file}.progress`;
  }

  /** That of an import of this very file that was interrupted; undefined if there is none. */
  async read(file: Checkpoint['file'], setting: string): Promise<Checkpoint | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { data: kept } = checkpointSchema.safeParse(parseJson(text));
    const again = 'Begin anew with --restart.';
    if (kept === undefined) throw new ImportError(`${this.path} cannot be read. ${again}`);
    if (JSON.stringify(kept.file) !== JSON.stringify(file)) {
      throw new ImportError(
        `The file has changed since its import was interrupted at line ${kept.position.line}. ${again}`,
      );
    }
    if (kept.setting !== setting) {
      throw new ImportError(
        `The import was interrupted at line ${kept.position.line} with ${kept.setting}, and this is ${setting}. ${again}`,
      );
    }
    return kept;
  }

  /** There is the old one or the new one, at any moment. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const next = `${this.path}.new`;
    await writeFile(next, `${JSON.stringify(checkpoint)}\n`);
    await rename(next, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

export async function identityOf(file: string): Promise<Checkpoint['file']> {
  const { size: bytes, mtimeMs: modifiedMs } = await stat(file);
  const head = await readHead(file, limits.headBytes);
  return { bytes, modifiedMs, headHash: createHash('sha256').update(head).digest('hex') };
}

export function newCheckpoint(
  file: Checkpoint['file'],
  setting: string,
  position: Checkpoint['position'],
): Checkpoint {
  return {
    id: randomUUID(),
    file,
    setting,
    position,
    counts: { created: 0, updated: 0, unchanged: 0, rejected: 0 },
    rejectedBytes: 0,
    elapsedMs: 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
