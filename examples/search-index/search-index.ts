import { createClient } from '@throughline/client';
import { env } from 'node:process';

const client = createClient({
  url: env['URL'] ?? 'http://127.0.0.1:3000/trpc',
  token: env['TOKEN'],
});

/** The words of each product's name; in earnest, a search engine. */
const index = new Map<number, readonly string[]>();

async function fill(): Promise<void> {
  index.clear();
  for (const { id: categoryId } of await client.category.list.query()) {
    let cursor: string | undefined;
    do {
      const page = await client.product.byCategory.query({ categoryId, limit: 200, cursor });
      for (const { id, name } of page.items) index.set(id, wordsOf(name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  console.log(`${index.size} products are indexed`);
}

/** Whatever was changed, the product as it is now is at least as new as the change. */
async function refresh(id: number): Promise<void> {
  const [product] = await client.product.byIds.query({ ids: [id] });
  if (product) index.set(id, wordsOf(product.name));
  else index.delete(id);
  console.log(`product ${id}:`, index.get(id)?.join(' ') ?? 'gone');
}

function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

let isFilled = false;
// One after the other, so that no earlier answer takes the place of a later one.
let work = Promise.resolve();
client.product.changes.subscribe(
  {},
  {
    onData: ({ data: event }) => {
      work = work.then(async () => {
        if (event.type === 'changed' || event.type === 'deleted') return refresh(event.id);
        if (event.type === 'caught-up' && isFilled) return;
        isFilled = true;
        return fill();
      });
    },
    onError: (err) => {
      throw err;
    },
  },
);
