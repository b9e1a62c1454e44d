import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Bed } from './bed.ts';
import type { Catalogue } from './catalogue.ts';
import { type History, productSchema, type Seen } from './history.ts';
import type { Moment } from './knowledge.ts';
import type { Times } from './operation.ts';
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
const pageSchema = z.object({ items: z.array(productSchema), nextCursor: z.string().nullable() });

const idsAtOnce = 16;
/** A page that holds every product, and one that holds few. */
const [wholeLimit, turnedLimit] = [200, 3];
/** After a refusal, so that a server that is away is not asked in a tight loop. */
const refusedPauseMs = 20;

/** One reader: asks any server for anything, one question after the other, and reports each answer. */
export async function readUntilStopped(parts: LoadParts): Promise<void> {
  const { random, signal } = parts;
  while (!signal.aborted) {
    const dice = random.next();
    if (dice < 0.55) await readOne(parts);
    else if (dice < 0.84) await readMany(parts);
    else if (dice < 0.94) await readPage(parts);
    else if (dice < 0.98) await readPages(parts);
    else await readPopular(parts);
  }
}

/** Most live; some are gone, or not there yet. */
function someId({ catalogue, random }: LoadParts): number {
  const dice = random.next();
  if (dice < 0.04) return catalogue.nextId;
  return dice < 0.1 ? catalogue.pickGone(random) : catalogue.pick(random);
}

async function readOne(parts: LoadParts): Promise<void> {
  const id = someId(parts);
  const asked = await ask(parts, 'byId', { id });
  if (asked === undefined) return;
  const { answer } = asked;
  if (answer.outcome === 'answered') told(parts, asked, [[id, productSchema.parse(answer.value)]]);
  else if (answer.code === 'PRODUCT_NOT_FOUND') told(parts, asked, [[id, null]]);
}

async function readMany(parts: LoadParts): Promise<void> {
  const ids = [...new Set([...Array(idsAtOnce).keys()].map(() => someId(parts)))];
  const asked = await ask(parts, 'byIds', { ids });
  if (asked?.answer.outcome !== 'answered') return;
  const products = manySchema.parse(asked.answer.value);
  told(
    parts,
    asked,
    ids.map((id, index) => [id, products[index] ?? null]),
  );
}

async function readPopular(parts: LoadParts): Promise<void> {
  const asked = await ask(parts, 'popular', { limit: idsAtOnce });
  if (asked?.answer.outcome !== 'answered') return;
  const products = z.array(productSchema).parse(asked.answer.value);
  told(
    parts,
    asked,
    products.map((seen) => [seen.id, seen]),
  );
}

async function readPage(parts: LoadParts): Promise<void> {
  const categoryId = parts.random.pick(parts.catalogue.categoryIds);
  const page = await askPage(parts, { categoryId, limit: wholeLimit });
  if (page === undefined) return;
  const { times, moment, ids } = page;
  const endedAtMs = Date.now();
  parts.history.page({ categoryId, times, endedAtMs, moment, isTurned: false, ids });
}

async function readPages(parts: LoadParts): Promise<void> {
  const categoryId = parts.random.pick(parts.catalogue.categoryIds);
  const first = await askPage(parts, { categoryId, limit: turnedLimit });
  if (first === undefined) return;
  const { times, moment } = first;
  const ids = [...first.ids];
  for (let cursor = first.nextCursor; cursor !== null;) {
    const next = await askPage(parts, { categoryId, limit: turnedLimit, cursor });
    if (next === undefined) return;
    ids.push(...next.ids);
    cursor = next.nextCursor;
  }
  const read = { ...times, what: `${times.what} and on`, endedMs: performance.now() };
  const endedAtMs = Date.now();
  parts.history.page({ categoryId, times: read, endedAtMs, moment, isTurned: true, ids });
}

interface PageAsked {
  readonly times: Times;
  readonly moment: Moment;
  readonly ids: readonly number[];
  readonly nextCursor: string | null;
}

async function askPage(parts: LoadParts, input: unknown): Promise<PageAsked | undefined> {
  const asked = await ask(parts, 'byCategory', input);
  if (asked?.answer.outcome !== 'answered') return undefined;
  const { items, nextCursor } = pageSchema.parse(asked.answer.value);
  told(
    parts,
    asked,
    items.map((seen) => [seen.id, seen]),
  );
  return { ...asked, ids: items.map(({ id }) => id), nextCursor };
}

/** Reports what was answered of each product that was asked for. */
function told(
  { history, tally }: LoadParts,
  { times, moment, weather }: Asked,
  products: readonly (readonly [id: number, seen: Seen | null])[],
): void {
  tally.countReads({ weather, cache: times.cache, reads: products.length });
  for (const [productId, seen] of products) {
    history.read({ ...times, productId, version: seen?.version ?? null }, moment, seen);
  }
}

interface Asked {
  readonly times: Times;
  readonly moment: Moment;
  readonly weather: Tally['weather'];
  readonly answer: Answer;
}

/** One question to a random server; undefined when it was refused. */
async function ask(
  { bed, history, random, tally }: LoadParts,
  procedure: 'byId' | 'byIds' | 'byCategory' | 'popular',
  input: unknown,
): Promise<Asked | undefined> {
  const { name, url } = bed.door(random);
  const { weather } = tally;
  const moment = history.now;
  const beganMs = performance.now();
  const answer = await bed.client.query(url, `product.${procedure}`, input);
  const endedMs = performance.now();
  tally.count('operations', procedure);
  if (answer.outcome === 'answered') {
    tally.readTook(endedMs - beganMs, weather);
  } else if (answer.code !== 'PRODUCT_NOT_FOUND') {
    tally.count('refusedReads', answer.code);
    await delay(refusedPauseMs);
    return undefined;
  }
  const times = { what: `${procedure} at ${name}`, beganMs, endedMs, cache: answer.cache };
  return { times, moment, weather, answer };
}
