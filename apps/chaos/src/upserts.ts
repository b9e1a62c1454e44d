import { z } from 'zod';
import { someName, somePrice } from './catalogue.ts';
import type { LoadParts } from './readers.ts';
import { repeatSome, sendWrite } from './repeatable-call.ts';

const upsertedSchema = z.array(
  z.object({
    sku: z.string(),
    outcome: z.enum(['created', 'updated', 'unchanged']),
    id: z.number(),
    version: z.number(),
  }),
);

const [productsMin, productsMax] = [2, 5];

/** Renames, prices and moves some products in one call by their SKUs; who is gone meanwhile is created anew. */
export async function upsertSome(parts: LoadParts): Promise<void> {
  const { catalogue, history, random } = parts;
  const skus = catalogue.pickSkus(random, random.between(productsMin, productsMax));
  if (skus.length === 0) return;
  const products = skus.map((sku) => ({
    sku,
    name: someName(random),
    price: somePrice(random),
    categoryId: random.pick(catalogue.categoryIds),
  }));
  const sent = await sendWrite(parts, {
    kind: 'upsertMany',
    path: 'upsertMany',
    input: { products },
  });
  const { answer, times, moment } = sent;
  if (answer.outcome === 'unknown') {
    for (const fields of products) {
      history.writeOpen({ times, productId: undefined, change: { kind: 'upsert', fields } });
    }
  }
  if (answer.outcome !== 'answered') return;
  const told = upsertedSchema.parse(answer.value);
  const operations = products.flatMap((fields, place) => {
    const { sku, outcome, id, version } = told[place] ?? {};
    if (id === undefined || version === undefined || sku !== fields.sku) {
      throw new Error(`Another product was answered: ${JSON.stringify(told)}`);
    }
    // Nothing was written of it, and whether it is as it should be nobody was told.
    if (outcome === 'unchanged') return [];
    const operation = { ...times, productId: id, version };
    history.write({ operation, change: { kind: 'upsert', fields } }, moment, null);
    if (outcome === 'created') catalogue.add(id, sku);
    return [operation];
  });
  const [operation] = operations;
  if (operation !== undefined) await repeatSome(parts, sent, { operation, value: answer.value });
}
