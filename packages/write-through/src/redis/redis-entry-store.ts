import {
  decodeEntry,
  decodeOutline,
  encodeAttempt,
  encodeFinal,
  encodeFinalHeader,
  encodeLease,
} from '../entry-frame.ts';
import type { Attempt, Entry, FinalEntry, Token } from '../entry.ts';
import type {
  Applied,
  Entries,
  EntryStore,
  Fill,
  Intent,
  KeyedFill,
  KeyedLease,
  Lease,
  LeaseOutcome,
  Publication,
  Resolution,
  Swept,
  Untrusted,
} from '../entry-store.ts';
import { type Epoch, epochMark } from '../epoch.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { FetchBatch } from './fetch-batch.ts';
import { type Bucket, KeySpace, type Place } from './key-space.ts';
import type { Client, Command } from './redis-connection.ts';
import { parseRedisLocation, type RedisLocation } from './redis-place.ts';
import { openTopology, type RedisTopology } from './redis-topology.ts';
import { replyCode, type ScriptReply } from './scripts.ts';

export type RedisEntryStoreOptions = RedisLocation &
  ConnectionSettings & {
    /** Prefix of every key, so that several environments can share one Redis. */
    readonly prefix: string;
  };

const nothing = Buffer.alloc(0);
/** Entries of one bucket that one sweep looks into; the next one goes on. */
const overdueMax = 100;

/** Entries in Redis, whichever instances it is made of: a string a key, and a script a step. */
export class RedisEntryStore implements EntryStore {
  readonly #topology: RedisTopology;
  readonly #keys: KeySpace;
  readonly #fetches: FetchBatch;

  constructor({ prefix, ...options }: RedisEntryStoreOptions) {
    this.#keys = new KeySpace(prefix);
    const { slots, probe: probeKey } = this.#keys;
    this.#topology = openTopology(parseRedisLocation(options), { ...options, slots, probeKey });
    this.#fetches = new FetchBatch(
      this.#keys,
      this.#topology.spansSlots,
      async (identity, names, slot) => this.#topology.send(identity, mget(names), slot),
    );
  }

  get identity(): string | undefined {
    return this.#topology.identity;
  }

  get isUnfit(): boolean {
    return this.#topology.isUnfit;
  }

  /** Why there is no identity, for a person. */
  get problem(): string | undefined {
    return this.#topology.problem;
  }

  onIdentityChange(listener: () => void): void {
    this.#topology.onIdentityChange(listener);
  }

  get(epoch: Epoch, keys: readonly string[]): Promise<Entries | Untrusted> {
    return this.#fetches.get(epoch, keys);
  }

  async lease(epoch: Epoch, key: string, { token, lifeMs }: Lease): Promise<Entry | Untrusted> {
    const at = this.#keys.locate(epoch, key);
    const reply = await this.#topology.send(
      epoch.storeIdentity,
      script(async (client) =>
        client.lease(at, epochMark(epoch), encodeLease(token), String(lifeMs)),
      ),
      at.slot,
    );
    if (Buffer.isBuffer(reply)) return decodeEntry(reply);
    return typeof reply === 'number' ? { state: 'untrusted', reason: 'mark' } : reply;
  }

  async fill(epoch: Epoch, key: string, { token, entry }: Fill): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, async (client, at, mark) =>
      client.fill(at, mark, encodeLease(token), encodeFinal(entry)),
    );
  }

  async leaseMany(
    epoch: Epoch,
    leases: readonly KeyedLease[],
  ): Promise<LeaseOutcome[] | Untrusted> {
    const mark = epochMark(epoch);
    const replies = await this.#inBuckets(epoch, leases, async (client, names, group) =>
      client.leaseMany(names.mark, names.entries, [
        mark,
        String(group[0]?.lifeMs),
        ...group.map(({ token }) => encodeLease(token)),
      ]),
    );
    return Array.isArray(replies)
      ? replies.map((header, index) => leaseOutcome(header, leases[index]?.token))
      : replies;
  }

  async fillMany(epoch: Epoch, fills: readonly KeyedFill[]): Promise<Applied[] | Untrusted> {
    const mark = epochMark(epoch);
    const replies = await this.#inBuckets(epoch, fills, async (client, names, group) =>
      client.fillMany(names.mark, names.entries, [
        mark,
        ...group.flatMap(({ token, entry }) => [encodeLease(token), encodeFinal(entry)]),
      ]),
    );
    return Array.isArray(replies)
      ? replies.map((code) => ({ state: code === replyCode.applied ? 'applied' : 'superseded' }))
      : replies;
  }

  async intend(
    epoch: Epoch,
    key: string,
    { attempt, nonce }: Intent,
  ): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, async (client, at, mark) =>
      client.intend(at, mark, encodeAttempt(attempt), Buffer.from(nonce, 'hex')),
    );
  }

  async publish(
    epoch: Epoch,
    key: string,
    { attempt, entry }: Publication,
  ): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, async (client, at, mark) =>
      client.publish(at, mark, encodeAttempt(attempt), frameOrNothing(entry)),
    );
  }

  async abandon(epoch: Epoch, key: string, attempt: Attempt): Promise<Applied | Untrusted> {
    return this.publish(epoch, key, { attempt });
  }

  async resolve(epoch: Epoch, key: string, resolution: Resolution): Promise<Applied | Untrusted> {
    const nonce = Buffer.from(resolution.nonce, 'hex');
    return this.#change(epoch, key, async (client, at, mark) =>
      resolution.type === 'whole'
        ? client.resolveWhole(at, mark, nonce, frameOrNothing(resolution.entry))
        : client.resolvePart(
            at,
            mark,
            nonce,
            frameOrNothing(resolution.entry),
            ...resolution.attempts.map(encodeAttempt),
          ),
    );
  }

  async extend(epoch: Epoch, key: string, entry: FinalEntry): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, async (client, at, mark) =>
      client.extend(at, mark, encodeFinalHeader(entry)),
    );
  }

  /** A script a bucket, in one round trip; and one for each entry that has been pending for long. */
  async sweep(epoch: Epoch, ageMs: number): Promise<Swept | Untrusted> {
    const parts = await Promise.all(
      this.#keys.buckets.map(async (bucket) => this.#sweepBucket(epoch, bucket, ageMs)),
    );
    const untrusted = parts.find((part) => part.state === 'untrusted');
    if (untrusted !== undefined) return untrusted;
    const swept = parts.filter((part) => part.state === 'swept');
    return {
      state: 'swept',
      pending: swept.reduce((sum, { pending }) => sum + pending, 0),
      oldestMs: longest(swept.flatMap(({ oldestMs = [] }) => oldestMs)),
      overdue: swept.flatMap(({ overdue }) => overdue),
    };
  }

  async #sweepBucket(epoch: Epoch, bucket: Bucket, ageMs: number): Promise<Swept | Untrusted> {
    const mark = epochMark(epoch);
    const listed = await this.#topology.send(
      epoch.storeIdentity,
      script(async (client) => client.listPending(bucket, mark, { ageMs, limit: overdueMax })),
      bucket.slot,
    );
    if (typeof listed === 'number') return { state: 'untrusted', reason: 'mark' };
    if ('state' in listed) return listed;
    const overdue: string[] = [];
    const agesMs = [...listed.nextMs];
    for (const { name, ageMs: waitedMs } of listed.oldest) {
      const parsed = this.#keys.parse(name);
      const reply = await this.#topology.send(
        epoch.storeIdentity,
        script(async (client) =>
          client.forget({ entry: name, ...bucket }, mark, parsed?.mark ?? ''),
        ),
        bucket.slot,
      );
      if (reply !== replyCode.superseded || parsed === undefined) continue;
      overdue.push(parsed.key);
      agesMs.push(waitedMs);
    }
    return {
      state: 'swept',
      pending: listed.size - listed.oldest.length + overdue.length,
      oldestMs: longest(agesMs),
      overdue,
    };
  }

  async install(number: number, id: string): Promise<Epoch> {
    // Asked anew, so that processes whose knowledge differs agree on the epoch that follows.
    const identity = await this.#topology.verify();
    const found = await Promise.all(
      this.#groups(this.#keys.buckets).map(async (group) => {
        const marks = group.map(({ mark }) => mark);
        const command = mget(marks);
        return this.#topology.send(identity, command, slotOf(group));
      }),
    );
    const highest = found.reduce((sum, marks) => {
      if ('state' in marks) throw new Error('Another Redis answers than the one to be marked.');
      return Math.max(sum, ...marks.map(markNumber));
    }, number);
    const epoch = { number: highest + 1, id, storeIdentity: identity };
    const replies = await Promise.all(
      this.#keys.buckets.map(async ({ mark, slot }) =>
        this.#topology.send(
          identity,
          script(async (client) => client.install(mark, epochMark(epoch), epoch.number)),
          slot,
        ),
      ),
    );
    if (replies.some((reply) => reply !== replyCode.applied)) {
      throw new Error('The marks of the new epoch could not all be set.');
    }
    return epoch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#topology[Symbol.asyncDispose]();
  }

  /** What one command may name together. */
  #groups(buckets: readonly Bucket[]): (readonly Bucket[])[] {
    if (this.#topology.spansSlots) return [buckets];
    return [...Map.groupBy(buckets, ({ slot }) => slot).values()];
  }

  /** A script for each bucket, all in one round trip; the replies in the order of the items. */
  async #inBuckets<Item extends { readonly key: string }>(
    epoch: Epoch,
    items: readonly Item[],
    run: (
      client: Client,
      names: { readonly mark: string; readonly entries: readonly string[] },
      group: readonly Item[],
    ) => Promise<ScriptReply[] | number>,
  ): Promise<ScriptReply[] | Untrusted> {
    const placed = items.map((item, index) => ({
      item,
      index,
      at: this.#keys.locate(epoch, item.key),
    }));
    const ordered: ScriptReply[] = [];
    const groups = [...Map.groupBy(placed, ({ at }) => at.mark)];
    const replies = await Promise.all(
      groups.map(async ([mark, group]) =>
        this.#topology.send(
          epoch.storeIdentity,
          script(async (client) =>
            run(
              client,
              { mark, entries: group.map(({ at }) => at.entry) },
              group.map(({ item }) => item),
            ),
          ),
          group[0]?.at.slot ?? 0,
        ),
      ),
    );
    for (const [place, reply] of replies.entries()) {
      if (typeof reply === 'number') return { state: 'untrusted', reason: 'mark' };
      if ('state' in reply) return reply;
      for (const [nth, code] of reply.entries()) {
        const index = groups[place]?.[1][nth]?.index;
        if (index !== undefined) ordered[index] = code;
      }
    }
    return ordered;
  }

  async #change(
    epoch: Epoch,
    key: string,
    run: (client: Client, at: Place, mark: string) => Promise<ScriptReply>,
  ): Promise<Applied | Untrusted> {
    const at = this.#keys.locate(epoch, key);
    const mark = epochMark(epoch);
    const reply = await this.#topology.send(
      epoch.storeIdentity,
      script(async (client) => run(client, at, mark)),
      at.slot,
    );
    if (reply === replyCode.applied) return { state: 'applied' };
    if (reply === replyCode.superseded) return { state: 'superseded' };
    if (reply === replyCode.untrusted) return { state: 'untrusted', reason: 'mark' };
    if (typeof reply === 'object' && 'state' in reply) return reply;
    throw new TypeError('A cache script answered with what no script answers.');
  }
}

function mget(names: string[]) {
  return { name: 'MGET', run: async (client: Client) => client.mGet(names) } as const;
}

function script<Reply>(run: (client: Client) => Promise<Reply>): Command<Reply> {
  return { name: 'EVALSHA', run };
}

/** Of the header of what is there: that of anything but a final entry is cut, and says enough. */
function leaseOutcome(header: ScriptReply, token: Token | undefined): LeaseOutcome {
  if (!Buffer.isBuffer(header)) return { state: 'taken' };
  if (header.length === 0) return { state: 'leased' };
  const final = decodeOutline(header);
  if (final !== undefined) return final;
  const entry = decodeEntry(header);
  return { state: entry.state === 'lease' && entry.token === token ? 'leased' : 'taken' };
}

/** That of all of them, where it matters. */
function slotOf([first]: readonly Bucket[]): number {
  return first?.slot ?? 0;
}

/** A clock that was set back, or another instance's, makes no age negative. */
function longest(agesMs: readonly number[]): number | undefined {
  return agesMs.length === 0 ? undefined : Math.max(0, ...agesMs);
}

function frameOrNothing(entry: FinalEntry | undefined): Buffer {
  return entry === undefined ? nothing : encodeFinal(entry);
}

/** 0 where there is no mark. */
function markNumber(mark: string | Buffer | null): number {
  return mark === null ? 0 : Number.parseInt(mark.toString(), 10);
}
