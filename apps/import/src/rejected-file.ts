import { open, rm, stat, truncate } from 'node:fs/promises';
import { ImportError } from './import-error.ts';

/** The records that were not imported, each with its reason, in a file that can be mended and imported. */
export class RejectedFile {
  readonly path: string;
  readonly #head: Buffer;
  #bytes: number;

  private constructor(path: string, head: Buffer, bytes: number) {
    this.path = path;
    this.#head = head;
    this.#bytes = bytes;
  }

  /** As it was when it had so many bytes: what was written after that is written again. */
  static async open(path: string, head: Buffer, bytes: number): Promise<RejectedFile> {
    if (bytes === 0) {
      await rm(path, { force: true });
      return new RejectedFile(path, head, 0);
    }
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.size < bytes) {
      throw new ImportError(`${path} has lost what was written to it. Begin anew with --restart.`);
    }
    await truncate(path, bytes);
    return new RejectedFile(path, head, bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Written down when it returns, so that whoever notes how many bytes there are never notes too many. */
  async append(records: readonly Buffer[]): Promise<void> {
    if (records.length === 0) return;
    const text = Buffer.concat(this.#bytes === 0 ? [this.#head, ...records] : records);
    await using handle = await open(this.path, 'a');
    await handle.writeFile(text);
    await handle.datasync();
    this.#bytes += text.length;
  }
}
