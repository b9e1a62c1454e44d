import { TRPCClientError } from '@trpc/client';
import type { UpsertedProduct, UpsertProduct } from '@throughline/product-repository/schemas';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Checkpoint, CheckpointFile, identityOf, newCheckpoint } from './checkpoint.ts';
import { csvFormat } from './csv-format.ts';
import { Importer } from './importer.ts';
import { limits } from './limits.ts';
import { RejectedFile } from './rejected-file.ts';
import { openText } from './utf8-text.ts';

interface Call {
  readonly key: string | undefined;
  readonly skus: readonly string[];
  readonly end: PromiseWithResolvers<void>;
}

/** A service that ends a call when it is told to, and creates what it is sent. */
class HeldService {
  readonly calls: Call[] = [];
  endsAtOnce = false;

  async upsertMany(products: readonly UpsertProduct[], key?: string): Promise<UpsertedProduct[]> {
    const skus = products.map(({ sku }) => sku);
    const call = { key, skus, end: Promise.withResolvers<void>() };
    this.calls.push(call);
    if (!this.endsAtOnce) await call.end.promise;
    return skus.map((sku) => ({ sku, outcome: 'created', id: 1, version: 1 }));
  }
}

async function importOf(content: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'throughline-importer-'));
  const file = path.join(directory, 'a.csv');
  await writeFile(file, content);
  const text = await openText(file, undefined);
  const format = await csvFormat(text.read(0), undefined);
  const checkpoints = new CheckpointFile(file);
  const identity = await identityOf(file);
  return {
    file,
    checkpoints,
    identity,
    begin: async (service: HeldService) => {
      const from =
        (await checkpoints.read(identity, 's')) ?? newCheckpoint(identity, 's', format.begin);
      const rejected = await RejectedFile.open(
        `${file}.rejected`,
        format.rejectedHead,
        from.rejectedBytes,
      );
      const upsertMany = async (products: readonly UpsertProduct[], key?: string) =>
        service.upsertMany(products, key);
      const categories = { find: async () => ({ id: 1 }) };
      return new Importer({ upsertMany, categories, format, text, rejected, checkpoints }, from);
    },
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true }),
  };
}

const header = 'sku,name,price,category\n';
const good = (sku: string) => `${sku},Lamp,1.00,lamps\n`;
const bad = (sku: string) => `${sku},Lamp,x,lamps\n`;
const many = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => good(`S${first + index}`)).join('');
const never = new AbortController().signal;
const done = (checkpoint: Checkpoint) => [checkpoint.position.line, checkpoint.counts];

test('a few calls of a hundred products are under way at once, and no more', async () => {
  await using at = await importOf(header + many(0, 1_000));
  const service = new HeldService();
  const importer = await at.begin(service);
  const running = importer.run(never);
  await expect.poll(() => service.calls.length).toBe(limits.callsMax);
  for (let ended = 0; ended < 10; ended += 1) {
    await expect.poll(() => service.calls.length).toBe(Math.min(10, ended + limits.callsMax));
    expect(service.calls[ended]?.skus).toHaveLength(100);
    service.calls[ended]?.end.resolve();
  }
  expect(await running).toBe('done');
  expect(importer.checkpoint.counts).toMatchObject({ created: 1_000, rejected: 0 });
});

test('what is noted is what has ended with all before it; who goes on from there sends the rest as it was sent', async () => {
  await using at = await importOf(header + bad('B1') + many(0, 100) + bad('B2') + many(100, 200));
  const killed = new HeldService();
  void (await at.begin(killed)).run(never);
  await expect.poll(() => killed.calls.length).toBe(3);
  killed.calls[2]?.end.resolve();
  killed.calls[0]?.end.resolve();
  await expect
    .poll(async () => done(await kept(at)))
    .toEqual([103, { created: 100, updated: 0, unchanged: 0, rejected: 1 }]);
  // As if it had been killed while it wrote the next one.
  await writeFile(`${at.file}.rejected`, 'half a li', { flag: 'a' });
  const resumed = new HeldService();
  resumed.endsAtOnce = true;
  const importer = await at.begin(resumed);
  expect(await importer.run(never)).toBe('done');
  expect(resumed.calls.map(({ key, skus }) => ({ key, skus }))).toEqual(
    killed.calls.slice(1).map(({ key, skus }) => ({ key, skus })),
  );
  expect(importer.checkpoint.counts).toEqual({
    created: 300,
    updated: 0,
    unchanged: 0,
    rejected: 2,
  });
  const reason = '"price is not a decimal with at most two digits after the point"';
  expect(await readFile(`${at.file}.rejected`, 'utf8')).toBe(
    `line,reason,${header}2,${reason},${bad('B1')}103,${reason},${bad('B2')}`,
  );
});

async function kept(at: { checkpoints: CheckpointFile; identity: Checkpoint['file'] }) {
  const checkpoint = await at.checkpoints.read(at.identity, 's');
  if (checkpoint === undefined) throw new Error('Nothing is noted.');
  return checkpoint;
}

test('of a SKU that comes twice, the later line is sent when the earlier one is done', async () => {
  await using at = await importOf(
    header + good('A') + good('B') + good('A') + good('C') + good('B'),
  );
  const service = new HeldService();
  const running = (await at.begin(service)).run(never);
  await expect.poll(() => service.calls.length).toBe(1);
  expect(service.calls[0]?.skus).toEqual(['A', 'B']);
  service.calls[0]?.end.resolve();
  await expect.poll(() => service.calls.length).toBe(2);
  expect(service.calls[1]?.skus).toEqual(['A', 'C', 'B']);
  service.calls[1]?.end.resolve();
  expect(await running).toBe('done');
});

test('when it is told to stop, it waits for what is under way and notes it', async () => {
  await using at = await importOf(header + many(0, 1_000));
  const service = new HeldService();
  const importer = await at.begin(service);
  const stopping = new AbortController();
  const running = importer.run(stopping.signal);
  await expect.poll(() => service.calls.length).toBe(limits.callsMax);
  stopping.abort();
  for (const { end } of service.calls) end.resolve();
  expect(await running).toBe('stopped');
  expect(service.calls).toHaveLength(limits.callsMax);
  expect(importer.checkpoint.counts.created).toBe(100 * limits.callsMax);
  expect((await kept(at)).counts).toEqual(importer.checkpoint.counts);
});

test('what a call is refused with ends it, and nothing after that is noted', async () => {
  await using at = await importOf(header + many(0, 1_000));
  const service = new HeldService();
  const importer = await at.begin(service);
  const running = importer.run(never);
  await expect.poll(() => service.calls.length).toBe(limits.callsMax);
  service.calls[1]?.end.reject(TRPCClientError.from(new Error('refused')));
  service.calls[0]?.end.resolve();
  service.calls[2]?.end.resolve();
  await expect.poll(() => service.calls.length).toBeGreaterThanOrEqual(limits.callsMax);
  for (const { end } of service.calls) end.resolve();
  await expect(running).rejects.toThrow('refused');
  expect((await kept(at)).counts.created).toBe(100);
});

test('where nothing was sent, nothing is left to be resumed', async () => {
  await using at = await importOf(header + many(0, 10));
  const importer = await at.begin(new HeldService());
  expect(await importer.run(AbortSignal.abort())).toBe('stopped');
  expect(await at.checkpoints.read(at.identity, 's')).toBeUndefined();
});

test('an import goes on only with the file and the service that it began with', async () => {
  await using at = await importOf(header + many(0, 10));
  await at.checkpoints.write(newCheckpoint(at.identity, 's', { offset: 24, line: 2 }));
  await expect(at.checkpoints.read(at.identity, 'other')).rejects.toThrow(
    'with s, and this is other',
  );
  await writeFile(at.file, good('Z'), { flag: 'a' });
  await expect(at.checkpoints.read(await identityOf(at.file), 's')).rejects.toThrow(
    'The file has changed',
  );
  await writeFile(at.checkpoints.path, '{');
  await expect(at.checkpoints.read(at.identity, 's')).rejects.toThrow('cannot be read');
});
