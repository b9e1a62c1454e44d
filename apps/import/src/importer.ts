import { isThroughlineError } from '@throughline/client';
import type { UpsertedProduct, UpsertProduct } from '@throughline/product-repository/schemas';
import type { CategoryIndex } from './category-index.ts';
import type { Checkpoint, CheckpointFile } from './checkpoint.ts';
import { limits } from './limits.ts';
import type { RecordFormat } from './parsed-record.ts';
import { Portion } from './portion.ts';
import { productRow } from './product-row.ts';
import type { RejectedFile } from './rejected-file.ts';
import type { TextSource } from './utf8-text.ts';

export interface ImporterParts {
  /** One call; without a key it counts as another one each time. Rejects with what it was refused with. */
  readonly upsertMany: (products: UpsertProduct[], key?: string) => Promise<UpsertedProduct[]>;
  readonly categories: Pick<CategoryIndex, 'find'>;
  readonly format: RecordFormat;
  readonly text: Pick<TextSource, 'read'>;
  readonly rejected: Pick<RejectedFile, 'append' | 'bytes'>;
  readonly checkpoints: Pick<CheckpointFile, 'write'>;
  /** Told whenever more is done. */
  readonly onProgress?: (checkpoint: Checkpoint) => void;
}

/**
 * Brings what follows a position of a file to the service, some calls at a time.
 *
 * The end of a call is noted, its rejected records first and then the position after it, once all calls before it are: so
 * whoever starts again from what is noted misses nothing, and sends at most what was under way. Such a call has the records and the key that it had
 * before, and is answered as it was then.
 *
 * A product that a call under way names too is held back until that is noted: of a SKU that comes twice, the later line wins.
 * After an interruption as well, since what was under way together may then be made in any order: it has no SKU in common.
 * For the same reason nothing is sent any more once a call has failed.
 */
export class Importer {
  readonly #parts: ImporterParts;
  /** Each until its call has ended and all before it are noted, or will not be. */
  readonly #underWay = new Map<Portion, Promise<void>>();
  /** Aborted with what the first call that failed was refused with. */
  readonly #failing = new AbortController();
  readonly #begunMs = performance.now();
  readonly #elapsedBeforeMs: number;
  #begun: Promise<void> | undefined;
  #noted: Promise<void> = Promise.resolve();
  #checkpoint: Checkpoint;

  constructor(parts: ImporterParts, from: Checkpoint) {
    this.#parts = parts;
    this.#checkpoint = from;
    this.#elapsedBeforeMs = from.elapsedMs;
  }

  /** How far it has come. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** `stopped`: the signal was aborted, and the calls that were under way have ended. Throws what a call was refused with. */
  async run(signal: AbortSignal): Promise<'done' | 'stopped'> {
    try {
      for await (const portion of this.#portions(signal)) await this.#send(portion, signal);
    } finally {
      await Promise.allSettled(this.#underWay.values());
    }
    await this.#noted;
    return signal.aborted ? 'stopped' : 'done';
  }

  async *#portions(signal: AbortSignal): AsyncGenerator<Portion, void> {
    const { format, text, categories } = this.#parts;
    const { position } = this.#checkpoint;
    let portion = new Portion(position);
    for await (const records of format.read(text.read(position.offset), position)) {
      for (const record of records) {
        if (signal.aborted) return;
        const row =
          'problem' in record
            ? { problem: record.problem }
            : await productRow(record.fields, categories);
        if (!portion.takes(record, row)) {
          yield portion;
          portion = new Portion(portion.end);
        }
        portion.add(record, row);
      }
    }
    if (portion.rows.length > 0 && !signal.aborted) yield portion;
  }

  /** Returns when the call has begun, or need not any more. Throws what an earlier one has failed with. */
  async #send(portion: Portion, signal: AbortSignal): Promise<void> {
    this.#failing.signal.throwIfAborted();
    while (this.#underWay.size >= limits.callsMax || this.#isHeldBack(portion)) {
      await Promise.race(this.#underWay.values());
      this.#failing.signal.throwIfAborted();
    }
    if (signal.aborted) return;
    // Under whose id the first call is sent has to be known after an interruption; where none was sent, there is nothing to resume.
    this.#begun ??= this.#parts.checkpoints.write(this.#checkpoint);
    await this.#begun;
    const noted = this.#noteInTurn(portion, this.#call(portion), this.#noted);
    // Whoever waits for it hears of it; where nobody does, the end of the run tells.
    noted.catch((err: unknown) => this.#failing.abort(err));
    this.#underWay.set(portion, noted);
    this.#noted = noted;
  }

  async #noteInTurn(
    portion: Portion,
    call: Promise<UpsertedProduct[]>,
    before: Promise<void>,
  ): Promise<void> {
    call.catch((err: unknown) => this.#failing.abort(err));
    try {
      await Promise.allSettled([call, before]);
      await before;
      await this.#note(portion, await call);
    } finally {
      this.#underWay.delete(portion);
    }
  }

  #isHeldBack({ skus }: Portion): boolean {
    return [...this.#underWay.keys()].some((other) => !skus.isDisjointFrom(other.skus));
  }

  async #call({ products, begin }: Portion): Promise<UpsertedProduct[]> {
    if (products.length === 0) return [];
    const { upsertMany } = this.#parts;
    try {
      return await upsertMany(products, `${this.#checkpoint.id}-${begin.offset}`);
    } catch (err) {
      const isOther = isThroughlineError(err) && err.data?.serviceCode === 'IDEMPOTENCY_KEY_REUSED';
      if (!isOther) throw err;
      // Since the interruption a category has got another id: what the call changed before, it leaves alone now.
      return upsertMany(products);
    }
  }

  async #note(portion: Portion, answers: readonly UpsertedProduct[]): Promise<void> {
    const { format, rejected, checkpoints, onProgress } = this.#parts;
    const counts = { ...this.#checkpoint.counts };
    const refused: Buffer[] = [];
    let next = 0;
    for (const { record, row } of portion.rows) {
      const answer = row.product === undefined ? undefined : answers[next++];
      if (answer !== undefined && answer.outcome !== 'refused') {
        counts[answer.outcome] += 1;
        continue;
      }
      counts.rejected += 1;
      refused.push(
        format.rejected(record, row.problem ?? answer?.message ?? 'the service said nothing'),
      );
    }
    await rejected.append(refused);
    this.#checkpoint = {
      ...this.#checkpoint,
      counts,
      position: portion.end,
      rejectedBytes: rejected.bytes,
      elapsedMs: this.#elapsedBeforeMs + performance.now() - this.#begunMs,
    };
    await checkpoints.write(this.#checkpoint);
    onProgress?.(this.#checkpoint);
  }
}
