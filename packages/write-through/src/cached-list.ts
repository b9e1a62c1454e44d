import { randomUUID } from 'node:crypto';
import type { LoadCause } from './cache-observer.ts';
import type { CachedRecords } from './cached-records.ts';
import { Flights } from './flights.ts';
import type { EntryInspection } from './inspection.ts';
import type { ReadOutcome } from './instrument.ts';
import { guessedListsMax } from './limits.ts';
import type { RecordSource } from './record-source.ts';
import { worstOutcome } from './worst-outcome.ts';
import type { EntryRef } from './write-plan.ts';
import type { WriteThroughCache } from './write-through-cache.ts';

/** Where the pages of lists come from. A page holds ids and what orders them, never records. */
export interface ListSource<ListId, PageId, Page> {
  readonly namespace: string;
  readonly schema: number;
  readonly lifeMs: number;
  listKey(list: ListId): string;
  pageKey(page: PageId): string;
  /** The page as committed now, read from the primary in a new snapshot after the call. */
  loadPage(list: ListId, page: PageId): Promise<Page>;
  encodePage(page: Page): Buffer;
  /** Throws on bytes that it did not encode. */
  decodePage(payload: Buffer): Page;
}

/**
 * Lists of any length, whose pages are invalidated together at the cost of one entry.
 *
 * The entry of a list holds a random *list version*, and its pages are keyed under that. A write that may
 * change the members or their order names the list's entry, which so loses its version; the next reader
 * draws a new one, and the pages of the old are never answered from again. A page is loaded after its list version
 * was read, so whatever stands under a version that is current was loaded after that version began.
 *
 * To answer in one round trip, a page is asked for together with the list version, under the version that this process
 * saw last. That is a guess: the page counts if the list has that very version, and is not loaded if it is absent.
 */
export class CachedList<ListId, PageId, Page> {
  readonly #source: ListSource<ListId, PageId, Page>;
  readonly #versions: CachedRecords<ListId, string>;
  readonly #pages: CachedRecords<VersionedPage<ListId, PageId>, Page>;
  readonly #flights: Flights<Page>;
  /** The list version that was seen last, by the key of the list; the oldest first. */
  readonly #guesses = new Map<string, string>();
  readonly #cache: Pick<WriteThroughCache<unknown>, 'load' | 'observer'>;

  constructor(
    cache: Pick<WriteThroughCache<unknown>, 'records' | 'load' | 'observer'>,
    source: ListSource<ListId, PageId, Page>,
  ) {
    this.#cache = cache;
    this.#source = source;
    const pages = listPages(source);
    this.#flights = new Flights(pages.namespace, cache.observer);
    this.#versions = cache.records(listVersions(source));
    this.#pages = cache.records(pages);
  }

  /** What a write names that may change the members of the list or their order. */
  entry(list: ListId): EntryRef {
    return this.#versions.entry(list);
  }

  /** The raw state of the list's entry, whose value is the list version. */
  async inspect(list: ListId): Promise<EntryInspection<string>> {
    return this.#versions.inspect(list);
  }

  async read(list: ListId, page: PageId): Promise<{ outcome: ReadOutcome; value: Page }> {
    const guess = this.#guesses.get(this.#source.listKey(list));
    // Asked in one turn of the event loop, so in one round trip.
    const [version, guessed] = await Promise.all([
      this.#versions.read(list),
      guess === undefined ? undefined : this.#pages.peek({ list, page, version: guess }),
    ]);
    // While the list is being written, a version drawn now would serve nobody else.
    const isShared = version.outcome === 'hit' || version.outcome === 'miss';
    if (!isShared || version.value === undefined) {
      return { outcome: version.outcome, value: await this.#load(list, page, version.outcome) };
    }
    if (version.value !== guess) this.#remember(list, version.value);
    const result =
      (version.value === guess ? guessed?.() : undefined) ??
      (await this.#pages.read({ list, page, version: version.value }));
    return {
      outcome: worstOutcome([version.outcome, result.outcome]),
      value: result.value ?? (await this.#load(list, page, 'miss')),
    };
  }

  #remember(list: ListId, version: string): void {
    const key = this.#source.listKey(list);
    this.#guesses.delete(key);
    this.#guesses.set(key, version);
    const [oldest] = this.#guesses.size > guessedListsMax ? this.#guesses.keys() : [];
    if (oldest !== undefined) this.#guesses.delete(oldest);
  }

  async #load(list: ListId, page: PageId, why: ReadOutcome): Promise<Page> {
    const key = `${this.#source.listKey(list)}:${this.#source.pageKey(page)}`;
    return this.#flights.join(key, async () => {
      const loaded = await this.#cache.load(async () => this.#source.loadPage(list, page));
      this.#cache.observer?.loaded(causeOf[why]);
      return loaded;
    });
  }
}

const causeOf = {
  hit: 'miss',
  negative: 'miss',
  miss: 'miss',
  pending: 'pending',
  bypass: 'untrusted',
  error: 'error',
} as const satisfies Record<ReadOutcome, LoadCause>;

interface VersionedPage<ListId, PageId> {
  readonly list: ListId;
  readonly page: PageId;
  readonly version: string;
}

function listVersions<ListId>(
  source: Pick<ListSource<ListId, unknown, unknown>, 'namespace' | 'schema' | 'lifeMs' | 'listKey'>,
): RecordSource<ListId, string> {
  return {
    namespace: source.namespace,
    schema: source.schema,
    lifeMs: source.lifeMs,
    versioned: false,
    key: (list) => source.listKey(list),
    load: async (lists) =>
      new Map(lists.map((list) => [source.listKey(list), { version: 0, value: randomUUID() }])),
    encode: (version) => Buffer.from(version),
    decode: (payload) => payload.toString(),
  };
}

function listPages<ListId, PageId, Page>(
  source: ListSource<ListId, PageId, Page>,
): RecordSource<VersionedPage<ListId, PageId>, Page> {
  const key = ({ list, page, version }: VersionedPage<ListId, PageId>): string =>
    `${source.listKey(list)}:${version}:${source.pageKey(page)}`;
  return {
    namespace: `${source.namespace}-page`,
    schema: source.schema,
    lifeMs: source.lifeMs,
    versioned: false,
    // A page is a statement of its own.
    loadBatchMax: 1,
    key,
    load: async (pages) =>
      new Map(
        await Promise.all(
          pages.map(async (page) => {
            const value = await source.loadPage(page.list, page.page);
            return [key(page), { version: 0, value }] as const;
          }),
        ),
      ),
    encode: (page) => source.encodePage(page),
    decode: (payload) => source.decodePage(payload),
  };
}
