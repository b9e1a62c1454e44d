import type { ConnectionPool } from '@throughline/write-through/postgres';
import { type EntryLives, productSources, type ProductSources } from '../product-sources.ts';

interface Codec<Value> {
  readonly encode: (value: Value) => Buffer;
  readonly decode: (payload: Buffer) => Value;
}

/** The sources of a release, whose entries say of which shape they are. `foreign` gets each entry of another one that is decoded. */
export function shapedSources(
  { schema, shape }: { readonly schema: number; readonly shape: number },
  foreign: string[],
) {
  return (pool: ConnectionPool, lives: EntryLives): ProductSources => {
    const { products, categoryPages, categories } = productSources(pool, lives);
    const pages = shaped<Awaited<ReturnType<typeof categoryPages.loadPage>>>({
      encode: (page) => categoryPages.encodePage(page),
      decode: (payload) => categoryPages.decodePage(payload),
    });
    return {
      products: { ...products, ...shaped(products), schema },
      categoryPages: {
        ...categoryPages,
        encodePage: pages.encode,
        decodePage: pages.decode,
        schema,
      },
      categories: { ...categories, ...shaped(categories), schema },
    };
  };

  /** An array cannot have a member of its own, so the mark stands before the JSON, where JSON allows a space. */
  function shaped<Value>({ encode, decode }: Codec<Value>): Codec<Value> {
    const mark = ' '.repeat(shape);
    return {
      encode: (value) => Buffer.from(mark + encode(value).toString()),
      decode: (payload) => {
        const text = payload.toString();
        if (shapeOf(text) !== shape) foreign.push(text);
        return decode(payload);
      },
    };
  }
}

/** Of which shape an answer is that was passed on as it stood in the cache. */
export function shapeOf(text: string): number {
  return text.length - text.trimStart().length;
}
