import { expect, test } from 'vitest';
import type { Epoch } from './epoch.ts';
import { interceptedStore } from './intercepted-store.ts';
import { MemoryEntryStore } from './testing/memory-entry-store.ts';

const epoch: Epoch = { number: 1, id: '00000000000000e1', storeIdentity: 'here' };

test('an interception that hands on the answer of the store leaves it the promise that others share', () => {
  const store = new MemoryEntryStore();
  const shared = Promise.resolve(new Map());
  store.get = () => shared;
  const seen: string[] = [];
  const intercepted = interceptedStore(store, (step, send) => {
    seen.push(step);
    return send();
  });
  expect(intercepted.get(epoch, ['product:1'])).toBe(shared);
  expect(intercepted.get(epoch, ['product:2'])).toBe(shared);
  expect(interceptedStore(store, (_, send) => send(), ['fill']).get(epoch, [])).toBe(shared);
  expect(seen).toEqual(['get', 'get']);
});
