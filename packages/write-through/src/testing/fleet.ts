import { createTestDatabase, localStack, redisKeyPrefix } from '@throughline/local-stack/testing';
import type { EntryStore } from '../entry-store.ts';
import type { RedisLocation } from '../redis/redis-place.ts';
import { Evictor } from './evictor.ts';
import { openRedisEntryStore } from './open-redis-entry-store.ts';
import { createRegisterTables, RegisterBed, type RegisterBedOptions } from './register-bed.ts';

export interface FleetOptions {
  /** A Redis of its own, for tests that stop it; else the shared one under a prefix of its own. */
  readonly redisUrl?: string;
  /** A Redis of more than one instance, from which nothing is evicted by hand. */
  readonly redis?: RedisLocation;
  /** Of the keys; without it one that no other test has. */
  readonly prefix?: string;
}

export interface MemberOptions extends Pick<
  RegisterBedOptions,
  'limits' | 'onFailure' | 'connectionsMax' | 'drains' | 'transactionLimits' | 'onOverdueHolder'
> {
  /** Another way to Redis, or to PostgreSQL, than that of the fleet. */
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
  readonly wrapStore?: (store: EntryStore) => EntryStore;
  readonly wrapTransactions?: RegisterBedOptions['wrap'];
}

/** Several engines as of several processes, over one database and one Redis that are theirs alone. */
export interface Fleet extends AsyncDisposable {
  readonly first: RegisterBed;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  another(options?: MemberOptions): Promise<RegisterBed>;
  /** Removes the entry of a register if it has a life, as Redis may at any time. */
  evict(id: number): Promise<void>;
}

export async function openFleet(options: FleetOptions & MemberOptions = {}): Promise<Fleet> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(
    await createTestDatabase({ name: 'registers', prepare: createRegisterTables }),
  );
  const { prefix = redisKeyPrefix() } = options;
  const redisUrl = options.redisUrl ?? localStack().redisUrl;
  const location = options.redis ?? { url: redisUrl };

  const another = async (member: MemberOptions = {}): Promise<RegisterBed> => {
    const { wrapStore, wrapTransactions, redisUrl: url, ...rest } = member;
    const at = url === undefined ? location : { url };
    const store = stack.use(await openRedisEntryStore({ ...at, prefix }));
    return stack.use(
      await RegisterBed.open({
        databaseUrl: database.url,
        ...rest,
        store: wrapStore?.(store) ?? store,
        ...(wrapTransactions === undefined ? {} : { wrap: wrapTransactions }),
      }),
    );
  };
  let stack = opened;
  const first = await another(options);
  stack = opened.move();
  const evictor =
    options.redis === undefined ? stack.use(new Evictor(redisUrl, prefix)) : undefined;
  return {
    first,
    evict: async (id) => {
      if (evictor === undefined) throw new Error('Only one Redis alone is told to evict.');
      await evictor.evict(`register:${id}`);
    },
    another,
    databaseUrl: database.url,
    redisUrl,
    prefix,
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}
