import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { someName, somePrice } from './catalogue.ts';
import { productSchema, type Operation } from './history.ts';
import type { LoadParts } from './readers.ts';

const deletedSchema = z.object({ id: z.number(), version: z.number() });

const productsMin = 18;
const productsMax = 26;
const pauseMaxMs = 120;

type Kind = 'create' | 'rename' | 'move' | 'updatePrice' | 'adjustStock' | 'delete';

/** One writer: changes anything through any server, one change after the other. */
export async function writeUntilStopped(parts: LoadParts): Promise<void> {
  const { random, signal } = parts;
  while (!signal.aborted) {
    await writeOnce(parts, nextKind(parts));
    await delay(random.between(1, pauseMaxMs), undefined, { signal }).catch(() => undefined);
  }
}

function nextKind({ catalogue, random }: LoadParts): Kind {
  if (catalogue.size < productsMin) return 'create';
  const dice = random.next();
  if (dice < 0.45) return 'adjustStock';
  if (dice < 0.7) return 'updatePrice';
  if (dice < 0.8) return 'rename';
  if (dice < 0.92) return 'move';
  return catalogue.size > productsMax || dice < 0.96 ? 'delete' : 'create';
}

async function writeOnce(parts: LoadParts, kind: Kind): Promise<void> {
  const { bed, catalogue, history, random, tally } = parts;
  const id = catalogue.pick(random);
  const { path, input, stockDelta } = callOf(parts, kind, id);
  const { name, process } = random.pick(bed.members);
  if (kind === 'delete') history.deleteBegins(id);
  const beganMs = performance.now();
  const answer = await bed.client.mutate(process.url, `product.${path}`, input);
  const times = { what: `${kind} at ${name}`, beganMs, endedMs: performance.now() };
  tally.count('operations', kind);
  if (answer.outcome !== 'answered') {
    tally.count(
      'errors',
      `${kind} ${answer.code}${answer.outcome === 'unknown' ? ' (unknown)' : ''}`,
    );
    // A product that is gone is no use to the other writers.
    if (
      answer.code === 'PRODUCT_NOT_FOUND' ||
      (kind === 'delete' && answer.outcome === 'unknown')
    ) {
      catalogue.remove(id);
    }
    return;
  }
  if (kind === 'delete') {
    const { version } = deletedSchema.parse(answer.value);
    history.write({ ...times, productId: id, version }, null);
    catalogue.remove(id);
    return;
  }
  const seen = productSchema.parse(answer.value);
  const operation: Operation = { ...times, productId: seen.id, version: seen.version };
  history.write(operation, seen, stockDelta);
  if (kind === 'create') catalogue.add(seen.id);
}

function callOf(
  { catalogue, random }: LoadParts,
  kind: Kind,
  id: number,
): { path: string; input: unknown; stockDelta?: number } {
  const categoryId = random.pick(catalogue.categoryIds);
  switch (kind) {
    case 'create': {
      const sku = `SKU-${random.between(0, 2 ** 31)}-${random.between(0, 2 ** 31)}`;
      const stock = random.between(0, 20);
      return {
        path: 'create',
        input: { sku, name: someName(random), price: somePrice(random), stock, categoryId },
      };
    }
    case 'rename':
      return { path: 'update', input: { id, name: someName(random) } };
    case 'move':
      return { path: 'update', input: { id, categoryId } };
    case 'updatePrice':
      return { path: 'updatePrice', input: { id, price: somePrice(random) } };
    case 'adjustStock': {
      const delta = random.between(-5, 6);
      return { path: 'adjustStock', input: { id, delta }, stockDelta: delta };
    }
    case 'delete':
      return { path: 'delete', input: { id } };
  }
}
