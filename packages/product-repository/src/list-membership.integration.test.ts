import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createProductSchema } from './product.ts';
import { openTestRepositories, type RepositoryProcess } from './testing/test-repository.ts';
import { told } from './testing/told.ts';

const durationMs = 6_000;
const productCount = 4;

/** What is known of one product's moves: version v is in the first category if v is odd. */
interface Moves {
  readonly id: number;
  begun: number;
  acknowledged: number;
}

it(
  'a page of a category never shows a membership older than what was acknowledged before it was asked',
  { timeout: durationMs + 30_000 },
  async () => {
    await using at = await openTestRepositories();
    const processes = [at.first, await at.another()];
    const { repository } = at.first;
    const categories: [number, number] = [
      (await repository.createCategory({ name: 'One', slug: 'one' })).value.id,
      (await repository.createCategory({ name: 'Two', slug: 'two' })).value.id,
    ];
    const products = await Promise.all(
      Array.from({ length: productCount }, async (_, index): Promise<Moves> => {
        const input = {
          sku: `S${index}`,
          name: `P${index}`,
          price: '1.00',
          categoryId: categories[0],
        };
        const { id } = (await repository.create(createProductSchema.parse(input))).value;
        return { id, begun: 1, acknowledged: 1 };
      }),
    );
    const endMs = performance.now() + durationMs;
    const wrong: string[] = [];
    let reads = 0;
    let hits = 0;

    await Promise.all([
      ...products.map(async (moves, index) => move(moves, processAt(processes, index))),
      ...Array.from({ length: 40 }, async (_, index) => read(index)),
    ]);
    console.log(`${reads} pages read, ${hits} from the cache alone`);
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(100);

    async function move(moves: Moves, process: RepositoryProcess): Promise<void> {
      while (performance.now() < endMs) {
        moves.begun += 1;
        const categoryId = categories[moves.begun % 2 === 1 ? 0 : 1];
        const { value } = await process.repository.update({ id: moves.id, categoryId });
        expect(value.version).toBe(moves.begun);
        moves.acknowledged = moves.begun;
        await delay(Math.random() * 120);
      }
    }

    async function read(index: number): Promise<void> {
      for (let turn = index; performance.now() < endMs; turn += 1) {
        const place = turn % 2 === 0 ? 0 : 1;
        const floors = products.map(({ acknowledged }) => acknowledged);
        const { repository: reader } = processAt(processes, turn >> 1);
        const page = await told(reader.byCategory({ categoryId: categories[place], limit: 10 }));
        const members = new Set(page.value.items.map(({ id }) => id));
        reads += 1;
        if (page.outcome === 'hit') hits += 1;
        products.forEach((moves, productIndex) => {
          const floor = floors[productIndex] ?? 1;
          if (moves.begun > floor) return;
          const belongs = floor % 2 === (place === 0 ? 1 : 0);
          if (members.has(moves.id) !== belongs) {
            wrong.push(`product ${moves.id} at version ${floor} in category ${place}: ${!belongs}`);
          }
        });
      }
    }
  },
);

function processAt(processes: readonly RepositoryProcess[], index: number): RepositoryProcess {
  const process = processes[index % processes.length];
  if (process === undefined) throw new Error('There is no process.');
  return process;
}
