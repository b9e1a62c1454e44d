import type { UpsertedProduct, UpsertProduct } from '@throughline/product-repository/schemas';
import fc from 'fast-check';
import { setImmediate as whenIdle } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { CategoryLookup } from './category-index.ts';
import { type Checkpoint, newCheckpoint } from './checkpoint.ts';
import { csvFormat } from './csv-format.ts';
import { Importer } from './importer.ts';
import { limits } from './limits.ts';

// Portions of two or three products, so that a short file has many.
vi.mock(import('./limits.ts'), async (original) => {
  const { limits: real } = await original();
  return { limits: Object.assign({}, real, { portionBytesMax: 220 }) };
});

interface Call {
  readonly products: readonly UpsertProduct[];
  readonly key: string | undefined;
  readonly end: PromiseWithResolvers<UpsertedProduct[]>;
}

/** Keeps the names of products, and makes a call with a key once. */
class KeyedService {
  readonly names = new Map<string, string>();
  readonly #made = new Set<string>();
  #calls: Call[] = [];
  /** How many have been under way at once. */
  callsMax = 0;

  get calls(): readonly Call[] {
    return this.#calls;
  }

  async upsertMany(products: readonly UpsertProduct[], key?: string): Promise<UpsertedProduct[]> {
    const call = { products, key, end: Promise.withResolvers<UpsertedProduct[]>() };
    this.#calls.push(call);
    this.callsMax = Math.max(this.callsMax, this.#calls.length);
    return call.end.promise;
  }

  end(place: number, how: Ending): void {
    const call = this.#calls[place % this.#calls.length];
    if (call === undefined) return;
    const { products, key, end } = call;
    if (how !== 'lost') this.#make(products, key ?? '');
    if (how === 'unanswered') return;
    this.#calls = this.#calls.filter((each) => each !== call);
    if (how === 'answered') {
      end.resolve(products.map(({ sku }) => ({ sku, outcome: 'updated', id: 1, version: 2 })));
    } else {
      end.reject(new Error(how));
    }
  }

  #make(products: readonly UpsertProduct[], key: string): void {
    const made = `${key} ${JSON.stringify(products)}`;
    if (this.#made.has(made)) return;
    this.#made.add(made);
    for (const { sku, name = '' } of products) this.names.set(sku, name);
  }

  /** What was under way when the import was killed. */
  forget(): void {
    this.#calls = [];
  }
}

const endings = ['answered', 'unanswered', 'failed', 'lost'] as const;
type Ending = (typeof endings)[number];
const steps = [...endings, 'answered', 'found', 'found'] as const;

const never = new AbortController().signal;
const header = 'sku,name,price,category\n';

/** What an import does in memory: where it waits for nothing but the service, it is idle after a turn of the event loop. */
async function importOf(text: string) {
  const bytes = Buffer.from(text);
  const chunks = async function* (offset = 0) {
    yield bytes.subarray(offset);
  };
  const format = await csvFormat(chunks(), undefined);
  const file = { bytes: bytes.length, modifiedMs: 0, headHash: '' };
  let kept = newCheckpoint(file, '', format.begin);
  return {
    /** The first row that is not done. */
    get row() {
      return kept.position.line - 2;
    },
    begin: (service: KeyedService, categories: HeldCategories) =>
      new Importer(
        {
          upsertMany: async (products, key) => service.upsertMany(products, key),
          categories,
          format,
          text: { read: chunks },
          rejected: { bytes: 0, append: async () => undefined },
          checkpoints: { write: async (next: Checkpoint) => void (kept = next) },
        },
        kept,
      ),
  };
}

/** Those that are slow to find are held until they are told to be found. */
class HeldCategories {
  readonly #late: CategoryLookup;
  #found = Promise.withResolvers<void>();

  constructor(late: CategoryLookup) {
    this.#late = late;
  }

  async find(category: string): Promise<CategoryLookup> {
    if (category === 'slow') await this.#found.promise;
    return category === 'late' ? this.#late : { id: 1 };
  }

  tell(): void {
    this.#found.resolve();
    this.#found = Promise.withResolvers();
  }
}

const someRows = fc.array(
  fc.record({
    sku: fc.nat(25),
    /** Of its name: whether one more fits into a portion differs. */
    length: fc.nat(80),
    /** Late ones are made when the import has been killed. */
    category: fc.constantFrom('early', 'early', 'slow', 'late'),
  }),
  { minLength: 15, maxLength: 40 },
);
const someSteps = fc.array(fc.tuple(fc.nat(limits.callsMax), fc.constantFrom(...steps)), {
  maxLength: 16,
});

const nameOf = ({ length }: { length: number }, index: number) => `${index}`.padEnd(length, '.');

test('however calls end, and wherever it is killed: after it is resumed, of a SKU the last line has won', async () => {
  await fc.assert(
    fc.asyncProperty(
      someRows,
      fc.array(someSteps, { maxLength: 3 }),
      fc.array(fc.nat(limits.callsMax), { minLength: 1 }),
      async (rows, runs, order) => {
        const lines = rows.map(
          (row, index) => `S${row.sku},${nameOf(row, index)},1,${row.category}\n`,
        );
        const at = await importOf(header + lines.join(''));
        const service = new KeyedService();
        for (const run of runs) {
          const categories = new HeldCategories({ problem: 'the category is unknown' });
          const killed = at.begin(service, categories).run(never);
          killed.catch(() => undefined);
          await whenIdle();
          for (const [place, step] of run) {
            if (step === 'found') categories.tell();
            else service.end(place, step);
            await whenIdle();
          }
          service.forget();
        }
        const resumedAt = at.row;
        const categories = new HeldCategories({ id: 1 });
        const ended: unknown[] = [];
        const told = (how: unknown) => ended.push(how);
        void at.begin(service, categories).run(never).then(told, told);
        for (let turn = 0; ended.length === 0; turn += 1) {
          await whenIdle();
          categories.tell();
          service.end(order[turn % order.length] ?? 0, 'answered');
        }
        expect(ended).toEqual(['done']);
        expect(service.callsMax).toBeLessThanOrEqual(limits.callsMax);
        const taken = rows
          .entries()
          .filter(([row, { category }]) => category !== 'late' || row >= resumedAt);
        const last = new Map([...taken].map(([index, row]) => [`S${row.sku}`, nameOf(row, index)]));
        expect(Object.fromEntries(service.names)).toEqual(Object.fromEntries(last));
      },
    ),
    { numRuns: 300 },
  );
});
