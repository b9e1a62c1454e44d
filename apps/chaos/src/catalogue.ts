import { z } from 'zod';
import type { Bed } from './bed.ts';
import type { Random } from './random.ts';

/** Of the products that are gone, readers go on asking for so many. */
const goneMax = 8;

const categorySchema = z.object({ id: z.number() });

/** The products of a run that live, as far as its writers know: few, so that everybody meets. */
export class Catalogue {
  readonly categoryIds: readonly number[];
  /** SKUs by id. */
  readonly #living = new Map<number, string>();
  readonly #gone: number[] = [];
  #highestId = 0;

  constructor(categoryIds: readonly number[]) {
    this.categoryIds = categoryIds;
  }

  static async create(bed: Bed, categories: number): Promise<Catalogue> {
    const url = bed.members[0]?.process.url ?? '';
    const ids: number[] = [];
    for (let index = 0; index < categories; index += 1) {
      const input = { name: `Category ${index}`, slug: `category-${index}` };
      const answer = await bed.client.mutate(url, 'category.create', { input });
      if (answer.outcome !== 'answered') throw new Error(`No category was created: ${answer.code}`);
      ids.push(categorySchema.parse(answer.value).id);
    }
    return new Catalogue(ids);
  }

  get size(): number {
    return this.#living.size;
  }

  get living(): readonly number[] {
    return [...this.#living.keys()];
  }

  /** The next product to be created will perhaps have this id; until then it is known to be absent. */
  get nextId(): number {
    return this.#highestId + 1;
  }

  add(id: number, sku: string): void {
    this.#living.set(id, sku);
    this.#highestId = Math.max(this.#highestId, id);
  }

  remove(id: number): void {
    if (!this.#living.delete(id)) return;
    this.#gone.push(id);
    if (this.#gone.length > goneMax) this.#gone.shift();
  }

  /** One that was deleted, or may have been, a short while ago. */
  pickGone(random: Random): number {
    return this.#gone.length === 0 ? this.nextId : random.pick(this.#gone);
  }

  pick(random: Random): number {
    return this.#living.size === 0 ? 1 : random.pick(this.living);
  }

  /** So many different ones at most: who was created anew has the SKU of one that is known to live. */
  pickSkus(random: Random, count: number): string[] {
    return random.shuffled([...new Set(this.#living.values())]).slice(0, count);
  }
}

/** What a new or changed product may be called: few names, in an order that every language agrees on. */
export function someName(random: Random): string {
  return `lamp ${String(random.between(0, 999)).padStart(3, '0')}`;
}

export function somePrice(random: Random): string {
  return `${random.between(1, 999)}.${String(random.between(0, 99)).padStart(2, '0')}`;
}
