import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Bed } from './bed.ts';
import type { Catalogue } from './catalogue.ts';
import { type Floor, type History, productSchema, type Seen } from './history.ts';
import type { Random } from './random.ts';
import type { Answer } from './service-client.ts';
import type { Tally } from './tally.ts';

export interface LoadParts {
  readonly bed: Bed;
  readonly catalogue: Catalogue;
  readonly history: History;
  readonly tally: Tally;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const manySchema = z.array(productSchema.nullable());
const pageSchema = z.object({ items: z.array(productSchema), nextCursor: z.null() });

const idsAtOnce = 16;
/** After a refusal, so that a server that is away is not asked in a tight loop. */
const refusedPauseMs = 20;
const unknown: Floor = { version: 0, isGone: false, by: undefined };

/** One reader: asks any server for anything, one question after the other, and reports each answer. */
export async function readUntilStopped(parts: LoadParts): Promise<void> {
  const { random, signal } = parts;
  while (!signal.aborted) {
    const dice = random.next();
    if (dice < 0.55) await readOne(parts);
    else if (dice < 0.85) await readMany(parts);
    else await readPage(parts);
  }
}

async function readOne(parts: LoadParts): Promise<void> {
  const { catalogue, history, random } = parts;
  const id = random.next() < 0.05 ? catalogue.nextId : catalogue.pick(random);
  const floor = history.floors([id]).get(id) ?? unknown;
  const asked = await ask(parts, 'byId', { id });
  if (asked === undefined) return;
  const { answer, ...times } = asked;
  if (answer.outcome === 'answered') {
    const seen = productSchema.parse(answer.value);
    history.read({ ...times, productId: id, version: seen.version }, floor, seen);
  } else if (answer.code === 'PRODUCT_NOT_FOUND') {
    history.read({ ...times, productId: id, version: null }, floor, null);
  }
}

async function readMany(parts: LoadParts): Promise<void> {
  const { catalogue, history, random } = parts;
  const ids = [...new Set([...Array(idsAtOnce).keys()].map(() => catalogue.pick(random)))];
  const floors = history.floors(ids);
  const asked = await ask(parts, 'byIds', { ids });
  if (asked?.answer.outcome !== 'answered') return;
  const { answer, ...times } = asked;
  for (const [index, seen] of manySchema.parse(answer.value).entries()) {
    const id = ids[index] ?? 0;
    const operation = { ...times, productId: id, version: seen?.version ?? null };
    history.read(operation, floors.get(id) ?? unknown, seen);
  }
}

async function readPage(parts: LoadParts): Promise<void> {
  const { catalogue, history, random } = parts;
  const categoryId = random.pick(catalogue.categoryIds);
  const floors = history.livingFloors();
  const every = history.floors(catalogue.living);
  const asked = await ask(parts, 'byCategory', { categoryId, limit: 200 });
  if (asked?.answer.outcome !== 'answered') return;
  const { answer, ...operation } = asked;
  const { items } = pageSchema.parse(answer.value);
  const ids = items.map(({ id }) => id);
  history.page({ categoryId, operation, endedAtMs: Date.now(), floors, ids });
  for (const seen of items) readItem(parts, { seen, operation, floor: every.get(seen.id) });
}

function readItem(
  { history }: LoadParts,
  item: { seen: Seen; operation: Times; floor: Floor | undefined },
): void {
  const operation = { ...item.operation, productId: item.seen.id, version: item.seen.version };
  history.read(operation, item.floor ?? unknown, item.seen);
}

interface Times {
  readonly what: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** One question to a random server; undefined when it was refused. */
async function ask(
  { bed, random, tally }: LoadParts,
  procedure: 'byId' | 'byIds' | 'byCategory',
  input: unknown,
): Promise<(Times & { answer: Answer }) | undefined> {
  const { name, process } = random.pick(bed.members);
  const { weather } = tally;
  const beganMs = performance.now();
  const answer = await bed.client.query(process.url, `product.${procedure}`, input);
  const endedMs = performance.now();
  tally.count('operations', procedure);
  if (answer.outcome === 'answered') {
    tally.readTook(endedMs - beganMs, weather);
    tally.count('caches', answer.cache);
  } else if (answer.code !== 'PRODUCT_NOT_FOUND') {
    tally.count('errors', `${procedure} ${answer.code}`);
    await delay(refusedPauseMs);
    return undefined;
  }
  return { what: `${procedure} at ${name}`, beganMs, endedMs, answer };
}
