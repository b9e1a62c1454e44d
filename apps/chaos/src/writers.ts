import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Content } from './audit-trail.ts';
import { someName, somePrice } from './catalogue.ts';
import type { Change } from './change.ts';
import { productSchema } from './history.ts';
import type { Moment } from './knowledge.ts';
import type { Operation, Times } from './operation.ts';
import type { LoadParts } from './readers.ts';
import { repeatSome, sendWrite } from './repeatable-call.ts';
import { upsertSome } from './upserts.ts';

const deletedSchema = z.object({ id: z.number(), version: z.number() });

const productsMin = 18;
const productsMax = 26;
const pauseMaxMs = 120;
/** Of all writes, those of several products. */
const upsertRatio = 0.06;

type Kind = 'create' | 'rename' | 'move' | 'updatePrice' | 'adjustStock' | 'delete';

/** One writer: changes anything through any server, one change after the other. */
export async function writeUntilStopped(parts: LoadParts): Promise<void> {
  const { random, signal } = parts;
  while (!signal.aborted) {
    if (random.next() < upsertRatio) await upsertSome(parts);
    else await writeOnce(parts, nextKind(parts));
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
  const { catalogue, history, random } = parts;
  const id = kind === 'create' ? undefined : catalogue.pick(random);
  const { path, input, change } = callOf(parts, kind, id);
  if (kind === 'delete' && id !== undefined) history.deleteBegins(id);
  const sent = await sendWrite(parts, { kind, path, input });
  const { answer, times, moment } = sent;
  if (answer.outcome === 'answered') {
    const { value } = answer;
    const operation = acknowledge(parts, { times, moment, change, value });
    return repeatSome(parts, sent, { operation, value });
  }
  const isOpen = answer.outcome === 'unknown';
  if (isOpen) history.writeOpen({ times, productId: id, change });
  if (id === undefined) return;
  if (answer.code === 'PRODUCT_NOT_FOUND') {
    history.read({ ...times, productId: id, version: null }, moment, null);
  }
  // A product that is gone is no use to the other writers.
  if (answer.code === 'PRODUCT_NOT_FOUND' || (kind === 'delete' && isOpen)) catalogue.remove(id);
}

interface Answered {
  readonly times: Times;
  readonly moment: Moment;
  readonly change: Change;
  readonly value: unknown;
}

function acknowledge(
  { catalogue, history }: LoadParts,
  { times, moment, change, value }: Answered,
): Operation {
  if (change.kind === 'delete') {
    const { id: productId, version } = deletedSchema.parse(value);
    const deletion = { ...times, productId, version };
    history.write({ operation: deletion, change }, moment, null);
    catalogue.remove(productId);
    return deletion;
  }
  const seen = productSchema.parse(value);
  const operation = { ...times, productId: seen.id, version: seen.version };
  history.write({ operation, change }, moment, seen);
  if (change.kind === 'create') catalogue.add(seen.id, seen.sku);
  return operation;
}

interface Call {
  readonly path: string;
  readonly input: unknown;
  readonly change: Change;
}

function callOf({ catalogue, random }: LoadParts, kind: Kind, id: number | undefined): Call {
  const categoryId = random.pick(catalogue.categoryIds);
  switch (kind) {
    case 'create': {
      const sku = `SKU-${random.between(0, 2 ** 31)}-${random.between(0, 2 ** 31)}`;
      const stock = random.between(0, 20);
      const content = { sku, name: someName(random), price: somePrice(random), stock, categoryId };
      return { path: 'create', input: content, change: { kind: 'create', content } };
    }
    case 'rename':
      return updateOf('update', id, { name: someName(random) });
    case 'move':
      return updateOf('update', id, { categoryId });
    case 'updatePrice':
      return updateOf('updatePrice', id, { price: somePrice(random) });
    case 'adjustStock': {
      const delta = random.between(-5, 6);
      return {
        path: 'adjustStock',
        input: { id, delta },
        change: { kind: 'adjust-stock', delta },
      };
    }
    case 'delete':
      return { path: 'delete', input: { id }, change: { kind: 'delete' } };
  }
}

function updateOf(path: string, id: number | undefined, fields: Partial<Content>): Call {
  return { path, input: { id, ...fields }, change: { kind: 'update', fields } };
}
