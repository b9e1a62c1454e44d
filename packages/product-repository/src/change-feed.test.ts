import { systemAmbient } from '@throughline/write-through';
import { expect, test } from 'vitest';
import { ChangeFeed, type ChangeFeedOptions, type ChangePage } from './change-feed.ts';
import { ChangesNotKeptError, TooManyFollowersError } from './errors.ts';
import { MemoryChangeLog } from './testing/memory-change-log.ts';

const going = new AbortController().signal;

test('a follower is told every change after its place, in order and once, before and while it follows', async () => {
  const { log, feed } = open();
  await using _ = feed;
  log.commit(1, 2, 3, 4, 5);
  await log.advance();
  const told = take(await feed.follow(2, going), 6);
  log.commit(6, 7, 8);
  expect(await told).toEqual([3, 4, 5, 6, 7, 8]);
});

test('without a place, a follower is told what is committed from then on', async () => {
  const { log, feed } = open();
  await using _ = feed;
  log.commit(1, 2);
  await log.advance();
  const pages = await feed.follow(undefined, going);
  log.commit(3, 4);
  expect(await take(pages, 2)).toEqual([3, 4]);
});

test('each look at the log is one question, for a hundred followers as for one', async () => {
  const { log, feed } = open();
  await using _ = feed;
  const following = Array.from({ length: 100 }, () => feed.follow(0, going));
  const told = (await Promise.all(following)).map(async (pages) => take(pages, 50));
  const begun = { ...log.asked };
  for (let id = 1; id <= 50; id += 1) {
    log.commit(id);
    await systemAmbient.wait(1);
  }
  for (const each of told) expect(await each).toEqual(numbers(1, 50));
  expect(log.asked.after - begun.after).toBeLessThanOrEqual(log.asked.advance);
});

test('while nobody follows, nothing is asked', async () => {
  const waited = Promise.withResolvers<void>();
  let waits = 0;
  const wait = async () => {
    waits += 1;
    await waited.promise;
  };
  const { log, feed } = open({}, fail, { ...systemAmbient, wait });
  await using _ = feed;
  const pages = await feed.follow(undefined, going);
  await pages.next();
  await expect.poll(() => waits).toBe(1);
  await pages.return(undefined);
  expect(feed.followers).toBe(0);
  const begun = { ...log.asked };
  waited.resolve();
  await systemAmbient.wait(0);
  expect([waits, log.asked]).toEqual([1, begun]);
});

test('a follower that is slow holds up no other, and is told all, in pages of the log where memory has it no more', async () => {
  const { log, feed } = open({ recentMax: 8, pageMax: 5 });
  await using _ = feed;
  const slow = await feed.follow(undefined, going);
  await slow.next();
  const quick = take(await feed.follow(undefined, going), 200);
  for (let id = 1; id <= 200; id += 1) {
    log.commit(id);
    if (id % 3 === 0) await systemAmbient.wait(1);
  }
  expect(await quick).toEqual(numbers(1, 200));
  expect(await take(slow, 200)).toEqual(numbers(1, 200));
});

test('a place whose next change is not kept, or that was never reached, is refused', async () => {
  const { log, feed } = open();
  await using _ = feed;
  log.commit(1, 2, 3);
  await log.advance();
  log.forget(2);
  await expect(feed.follow(1, going)).rejects.toBeInstanceOf(ChangesNotKeptError);
  await expect(feed.follow(4, going)).rejects.toBeInstanceOf(ChangesNotKeptError);
  await expect(feed.follow(2, going)).resolves.toBeDefined();
  await expect(feed.follow(3, going)).resolves.toBeDefined();
});

test('a follower so slow that its next change is deleted is told so, and nothing else', async () => {
  const { log, feed } = open({ recentMax: 2 });
  await using _ = feed;
  const slow = await feed.follow(undefined, going);
  await slow.next();
  log.commit(...numbers(1, 10));
  await log.advance();
  log.forget(5);
  await expect(take(slow, 1)).rejects.toBeInstanceOf(ChangesNotKeptError);
});

test('a log that cannot be read for a while is told of once, and no change is lost', async () => {
  const failures: unknown[] = [];
  const { log, feed } = open({}, (err) => failures.push(err));
  await using _ = feed;
  const pages = await feed.follow(undefined, going);
  await pages.next();
  const failure = new Error('PostgreSQL is away');
  log.failure = failure;
  const asked = log.asked.advance;
  await expect.poll(() => log.asked.advance).toBeGreaterThan(asked + 2);
  log.commit(1, 2);
  log.failure = null;
  expect(await take(pages, 2)).toEqual([1, 2]);
  expect(failures).toEqual([failure]);
});

test('more than so many are refused, though they come at once, and one may come when another goes, begun or not', async () => {
  await using crowded = open({ followersMax: 3 }).feed;
  const leaving = new AbortController();
  const came = await Promise.allSettled(
    Array.from({ length: 10 }, async () => crowded.follow(undefined, leaving.signal)),
  );
  expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  leaving.abort();
  expect(crowded.followers).toBe(0);

  const { feed } = open({ followersMax: 1 });
  await using _ = feed;
  const first = await feed.follow(undefined, going);
  await first.next();
  await expect(feed.follow(undefined, going)).rejects.toBeInstanceOf(TooManyFollowersError);
  await first.return(undefined);
  await expect(feed.follow(undefined, going)).resolves.toBeDefined();
});

test('a follower whose place the log has lost is told so, as after a restore', async () => {
  const { log, feed } = open();
  await using _ = feed;
  log.commit(1, 2, 3);
  const pages = await feed.follow(undefined, going);
  await expect.poll(async () => (await pages.next()).value.position).toBe(3);
  log.setBack(2);
  await expect(take(pages, 1)).rejects.toBeInstanceOf(ChangesNotKeptError);
});

test('a follower is told how far the log has come, though nothing came, so often as it should', async () => {
  const { feed } = open({ pageEveryMs: 5 });
  await using _ = feed;
  const pages = await feed.follow(undefined, going);
  for (let told = 0; told < 3; told += 1) {
    expect((await pages.next()).value).toMatchObject({ changes: [], position: 0 });
  }
});

test('who follows ends with the reason of its signal, and all with an abort when the feed is closed', async () => {
  const { feed } = open();
  const leaving = new AbortController();
  const [first, second] = [
    await feed.follow(undefined, leaving.signal),
    await feed.follow(undefined, going),
  ];
  await Promise.all([first.next(), second.next()]);
  const ends = [first.next(), second.next()];
  const reason = new Error('The token has expired.');
  leaving.abort(reason);
  await expect(ends[0]).rejects.toBe(reason);
  feed.end();
  await expect(ends[1]).rejects.toMatchObject({ name: 'AbortError' });
  expect(feed.followers).toBe(0);
});

function open(
  limits: ChangeFeedOptions['limits'] = {},
  onFailure: ChangeFeedOptions['onFailure'] = fail,
  ambient: ChangeFeedOptions['ambient'] = systemAmbient,
) {
  const log = new MemoryChangeLog();
  const feed = new ChangeFeed({
    log,
    ambient,
    onFailure,
    limits: { everyMs: 1, retryMaxMs: 5, ...limits },
  });
  return { log, feed };
}

function fail(err: unknown): never {
  throw err;
}

/** The numbers of the next so many changes; then it follows no more. */
async function take(pages: AsyncGenerator<ChangePage>, count: number): Promise<number[]> {
  const told: number[] = [];
  for await (const { changes } of pages) {
    for (const { number } of changes) told.push(number);
    if (told.length >= count) break;
  }
  return told;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
