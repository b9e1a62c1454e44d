import { createClient } from '@throughline/client';
import type { SpawnedNode } from '@throughline/local-stack/testing';
import type { Product } from '@throughline/product-repository';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type ExpectedProduct, generateFile } from './testing/generated-file.ts';
import {
  countsOf,
  type RunningService,
  runImport,
  scratchDirectory,
  startService,
} from './testing/running-service.ts';

const records = 100_000;
test(
  'a hundred thousand lines, killed half way and resumed, are all imported or told, once, in bounded memory',
  {
    timeout: 480_000,
  },
  async () => {
    await using directory = await scratchDirectory();
    await using service = await startService();
    const file = path.join(directory.path, 'catalogue.csv');
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const { products, rejected } = await generateFile(file, { records, seed });
    const { size } = await stat(file);

    const killed = runImport(file, service);
    await expect
      .poll(async () => offsetOf(file), { timeout: 240_000, interval: 50 })
      .toBeGreaterThan(size / 2);
    killed.kill('SIGKILL');
    expect((await killed.exit).signal).toBe('SIGKILL');
    expect(await offsetOf(file)).toBeLessThan(size);

    await using resumed = runImport(file, service);
    const { code } = await resumed.exit;
    const said = resumed.stdout.join('\n');
    console.log(said, resumed.stderr.join('\n'));
    expect(code).toBe(2);
    expect(said).toMatch(/^Resuming at line \d/);
    expect(countsOf(said)).toEqual({
      created: products.length,
      updated: 0,
      unchanged: 0,
      rejected: rejected.length,
    });
    expect(await offsetOf(file)).toBeUndefined();
    expect(peakMemoryMb(resumed)).toBeLessThan(220);

    expect(await toldIn(`${file}.rejected`)).toEqual(
      rejected.map(({ line, reason }) => ({ line, reason: expect.stringContaining(reason) })),
    );
    const stored = await storedProducts(service.databaseUrl);
    expect(stored).toHaveLength(products.length);
    // Not by `toMatchObject`, which takes four times as long for so many.
    expect(stored).toEqual(products.map((each, at) => Object.assign(each, { id: stored[at]?.id })));
    await expectReads(service, stored);
  },
);

function peakMemoryMb({ stderr }: SpawnedNode): number {
  const peak = stderr.findLast((line) => line.startsWith('peak '));
  return Number(peak?.slice('peak '.length)) / 1_024;
}

async function offsetOf(file: string): Promise<number | undefined> {
  const text = await readFile(`${file}.progress`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return z.object({ position: z.object({ offset: z.int() }) }).parse(JSON.parse(text)).position
    .offset;
}

/** The first two columns: what follows need not be readable. */
async function toldIn(file: string) {
  const text = await readFile(file, 'latin1');
  const lines = text.matchAll(/^(\d+),"((?:[^"]|"")*)",/gm);
  return [...lines].map(([, line, reason]) => ({ line: Number(line), reason }));
}

type StoredProduct = ExpectedProduct & { readonly id: number };

async function storedProducts(databaseUrl: string): Promise<StoredProduct[]> {
  const client = new Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<StoredProduct>(`
    SELECT product.id, sku, product.name, description, price::text AS price, stock,
           category.slug AS category,
           ARRAY(SELECT url FROM product_images WHERE product_id = product.id ORDER BY position)
             AS images
      FROM products AS product JOIN categories AS category ON category.id = category_id
     ORDER BY sku`);
  await client.end();
  return rows;
}

/** A few thousand of them, evenly spread. */
async function expectReads({ url, token }: RunningService, stored: readonly StoredProduct[]) {
  const client = createClient({ url, token });
  const sample = stored.filter((_, index) => index % 37 === 0);
  for (let first = 0; first < sample.length; first += 100) {
    const page = sample.slice(first, first + 100);
    const read = await client.product.byIds.query({ ids: page.map(({ id }) => id) });
    expect(read.map(shown)).toMatchObject(page);
  }
}

function shown(product: Product | null) {
  if (product === null) return null;
  const { category, images } = product;
  return { ...product, category: category.slug, images: images.map(({ url }) => url) };
}
