import { type Category, createCategorySchema } from '@throughline/product-repository/schemas';
import { isThroughlineError, type ThroughlineClient } from '@throughline/client';

export type CategoryLookup =
  { readonly id: number; readonly problem?: undefined } | { readonly problem: string };

/** The categories of the service, by what a file may call them. */
export class CategoryIndex {
  readonly #client: Pick<ThroughlineClient, 'category'>;
  readonly #createsUnknown: boolean;
  readonly #bySlug = new Map<string, Category>();
  readonly #byName = new Map<string, Category | 'several'>();
  #created = 0;

  private constructor(client: Pick<ThroughlineClient, 'category'>, createsUnknown: boolean) {
    this.#client = client;
    this.#createsUnknown = createsUnknown;
  }

  static async open(
    client: Pick<ThroughlineClient, 'category'>,
    createsUnknown: boolean,
  ): Promise<CategoryIndex> {
    const index = new CategoryIndex(client, createsUnknown);
    await index.#refresh();
    return index;
  }

  /** Those that were created because a line named them. */
  get created(): number {
    return this.#created;
  }

  /** By its slug, or by its name if only one has that. */
  async find(text: string): Promise<CategoryLookup> {
    const found = this.#known(text);
    if (found === 'several') return { problem: 'several categories have this name: use the slug' };
    if (found !== undefined) return found;
    if (!this.#createsUnknown) return { problem: 'the category is unknown' };
    return this.#create(text);
  }

  #known(text: string): Category | 'several' | undefined {
    return this.#bySlug.get(text) ?? this.#byName.get(text);
  }

  async #create(name: string): Promise<CategoryLookup> {
    const input = createCategorySchema.safeParse({ name, slug: slugOf(name) });
    if (!input.success) return { problem: 'no slug can be made of the name of the category' };
    try {
      this.#add(await this.#client.category.create.mutate(input.data));
      this.#created += 1;
    } catch (err) {
      if (!isThroughlineError(err) || err.data?.serviceCode !== 'SLUG_TAKEN') throw err;
      // Somebody else has created it, or another name makes the same slug.
      await this.#refresh();
      if (this.#known(name) === undefined) {
        return { problem: 'the slug of the category belongs to another one' };
      }
    }
    return this.find(name);
  }

  async #refresh(): Promise<void> {
    this.#bySlug.clear();
    this.#byName.clear();
    for (const category of await this.#client.category.list.query()) this.#add(category);
  }

  #add(category: Category): void {
    this.#bySlug.set(category.slug, category);
    this.#byName.set(category.name, this.#byName.has(category.name) ? 'several' : category);
  }
}

/** Words of lower-case letters without accents, and of digits. */
function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[a-z0-9]+/g) ?? []).join('-').slice(0, 100).replace(/-$/, '');
}
