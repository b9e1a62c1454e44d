import { type Category, createCategorySchema } from '@throughline/product-repository/schemas';
import { isThroughlineError } from '@throughline/client';

export type CategoryLookup =
  { readonly id: number; readonly problem?: undefined } | { readonly problem: string };

/** The categories as the service keeps them. */
export interface CategoryStore {
  list(): Promise<Category[]>;
  /** Rejects with SLUG_TAKEN if another one has the slug. */
  create(category: Pick<Category, 'name' | 'slug'>): Promise<Category>;
}

/** The categories of the service, by what a file may call them. */
export class CategoryIndex {
  readonly #store: CategoryStore;
  readonly #createsUnknown: boolean;
  readonly #bySlug = new Map<string, Category>();
  readonly #byName = new Map<string, Category | 'several'>();
  /** Of names that cannot be created: a file has them on many lines. */
  readonly #problems = new Map<string, string>();
  #created = 0;

  private constructor(store: CategoryStore, createsUnknown: boolean) {
    this.#store = store;
    this.#createsUnknown = createsUnknown;
  }

  static async open(store: CategoryStore, createsUnknown: boolean): Promise<CategoryIndex> {
    const index = new CategoryIndex(store, createsUnknown);
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
    const problem = this.#problems.get(text);
    return problem === undefined ? this.#create(text) : { problem };
  }

  #known(text: string): Category | 'several' | undefined {
    return this.#bySlug.get(text) ?? this.#byName.get(text);
  }

  async #create(name: string): Promise<CategoryLookup> {
    const input = createCategorySchema.safeParse({ name, slug: slugOf(name) });
    if (!input.success) return { problem: 'no slug can be made of the name of the category' };
    try {
      this.#add(await this.#store.create(input.data));
      this.#created += 1;
    } catch (err) {
      if (!isThroughlineError(err) || err.data?.serviceCode !== 'SLUG_TAKEN') throw err;
      // Somebody else has created it, or another name makes the same slug.
      await this.#refresh();
      if (this.#known(name) === undefined) {
        const problem = 'the slug of the category belongs to another one';
        this.#problems.set(name, problem);
        return { problem };
      }
    }
    return this.find(name);
  }

  async #refresh(): Promise<void> {
    this.#bySlug.clear();
    this.#byName.clear();
    for (const category of await this.#store.list()) this.#add(category);
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
