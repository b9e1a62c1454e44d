import { once } from 'node:events';
import { RedisEntryStore, type RedisEntryStoreOptions } from '../redis/redis-entry-store.ts';

/** A store whose Redis has been found fit. */
export async function openRedisEntryStore(
  options: RedisEntryStoreOptions,
): Promise<RedisEntryStore> {
  const store = new RedisEntryStore(options);
  const events = new EventTarget();
  store.onIdentityChange(() => events.dispatchEvent(new Event('change')));
  while (store.identity === undefined) {
    await once(events, 'change', { signal: AbortSignal.timeout(5_000) });
  }
  return store;
}
